// The API's objects about experiments, as far as the page uses them.

import type { ApiNumber, CodedError, Configuration, Status } from "./types.d.ts";

export type Verdict = "better" | "worse" | "equivalent" | "not_shown" | "too_few_seeds" | "incomplete";

export interface ExperimentArm {
  name: string;
  config: Configuration;
}

/** An experiment that is not queued: what it takes and can show. */
export interface ExperimentPlan {
  arms: ExperimentArm[];
  seeds: number[];
  jobs: number;
  estimated_s: number | null;
  minimal_detectable_difference: number | null;
}

export interface Experiment {
  id: string;
  name: string | null;
  status: "running" | "succeeded" | "cancelled";
  arms: ExperimentArm[];
  seeds: number[];
  jobs: { total: number; deleted: number } & Record<Status, number>;
  created_at: string;
}

export interface ExperimentRun {
  job_id: string | null;
  seed: number;
  state: "measured" | "diverged" | "failed" | "cancelled" | "stopped" | "pending";
  value: ApiNumber;
  error: CodedError | null;
}

export interface ArmResult {
  name: string;
  n: number;
  mean: ApiNumber;
  sd: ApiNumber;
  interval: [number, number] | null;
  minimum: ApiNumber;
  maximum: ApiNumber;
  failed: number;
  diverged: number;
  pending: number;
  cancelled: number;
  stopped: number;
  jobs: ExperimentRun[];
}

export interface ExperimentPair {
  arm: string;
  baseline: string;
  difference: ApiNumber;
  interval: [number, number] | null;
  sd: ApiNumber;
  n: number;
  wins: number;
  p: ApiNumber;
  p_holm: ApiNumber;
  p_method: "exact" | "monte_carlo";
  test_set_sd: ApiNumber;
  verdict: Verdict;
  /** In the language of the request. */
  sentence: string;
}

/** What a swept field does; *importance* is its share of the variation between arms. */
export interface SweepEffect {
  pointer: string;
  importance: ApiNumber;
  points: object[];
}

export interface ExperimentResult {
  status: Experiment["status"];
  sweep?: { effects: SweepEffect[] } | null;
  metric: string;
  seeds: number[];
  note: string | null;
  /** Arms that were given up early, each with the reason in the language of the request. */
  stopped: Record<string, string>;
  best: string | null;
  pairs_tested: number;
  arms: ArmResult[];
  pairs: ExperimentPair[];
}
