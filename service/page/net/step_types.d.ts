import type { ApiNumber } from "./types.d.ts";

/** A training step in full, as `GET /v1/jobs/{id}/steps/{step}` returns it. */
export interface RecordedStep {
  step: number;
  epoch: number;
  learning_rate: number;
  loss: ApiNumber;
  correct: number;
  losses: ApiNumber[];
  samples: SampleOfStep[];
  weights: WeightOfStep[];
  unit: { layer: number; unit: number; weights: ApiNumber[]; gradient: ApiNumber[]; update: ApiNumber[] };
  /** The source of `one_training_step`. */
  code: string;
}

export interface SampleOfStep {
  label: number;
  prediction: number;
  probabilities: ApiNumber[];
  loss: ApiNumber;
  png: string;
}

export interface WeightOfStep {
  layer: number;
  name: string;
  shape: number[];
  length: ApiNumber;
  gradient_length: ApiNumber;
  update_length: ApiNumber;
}
