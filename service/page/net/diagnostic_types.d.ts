// Diagnostics in a job's log.

export interface DiagnosticData {
  code: string;
  message: string;
  hint: string;
  layer: number | null;
  epoch: number | null;
  step: number | null;
  evidence: Record<string, number | string | null>;
  /** The hint as changes to the job's body, by JSON pointers; older runs have none. */
  advice?: Record<string, unknown>;
}
