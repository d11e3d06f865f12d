// The API's objects, as far as the page uses them. The complete description is the service's OpenAPI document.

import type { DiagnosticData } from "./diagnostic_types.d.ts";

export type { Model, Version } from "./model_types.d.ts";
export type { DiagnosticData };

export type Status = "queued" | "running" | "pausing" | "paused" | "cancelling" | "succeeded" | "failed" | "cancelled";

/** Something chosen by name, with its parameters: an optimizer, an initializer or a schedule. */
export interface Named {
  name: string;
  [parameter: string]: unknown;
}

export interface Layer {
  units: number;
  activation: string;
  initializer: Named;
}

export interface EarlyStopping {
  monitor: string;
  patience: number;
}

/** What a job trains: the body of `POST /v1/jobs` once all defaults are filled in. */
export interface Configuration {
  preset: string | null;
  network: { layers: Layer[] };
  optimizer: Named & { learning_rate: number; momentum?: number };
  schedule: Named | null;
  augment: Record<string, unknown> | null;
  early_stopping: EarlyStopping | null;
  /** Of the products' operands: `float32` or `bfloat16`. */
  precision: string;
  epochs: number;
  batch_size: number;
  validation_split: number;
  seed: number | null;
  name: string | null;
  dataset: string;
  dataset_version: number | null;
  /** The datasets of a mix with their weights; null where the job trains on `dataset` alone. */
  datasets: { name: string; version: number | null; weight: number }[] | null;
  shuffle: boolean;
  init_from: string | null;
  /** How many of the first steps are recorded in full. */
  record_steps: number;
}

/** A number that the API could not write as JSON (NaN or infinity) is null. */
export type ApiNumber = number | null;

export interface Metrics {
  train_loss: ApiNumber;
  train_accuracy: ApiNumber;
  validation_loss: ApiNumber;
  validation_accuracy: ApiNumber;
  test_loss: ApiNumber;
  test_accuracy: ApiNumber;
}

/** An error with a code that the word files translate; *message* is the service's English sentence. */
export interface CodedError {
  code: string;
  message: string;
  parameters?: Record<string, unknown>;
}

/** An error about one field of a request body; *pointer* is a JSON pointer such as `/optimizer/learning_rate`. */
export interface FieldError extends CodedError {
  pointer: string;
}

export interface Progress {
  epoch: number;
  step: number;
  total_steps: number | null;
  samples_per_second: number | null;
  estimated_finish_at: string | null;
}

export interface Job extends Configuration {
  id: string;
  /** Labels of clients. The page keeps a star as `starred` ("yes") and a note as `note`. */
  metadata: Record<string, string>;
  experiment_id: string | null;
  /** Whether the service drew the seed. */
  seed_drawn: boolean;
  status: Status;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  queue_position: number | null;
  estimated_start_at: string | null;
  progress: Progress;
  result: (Metrics & { checkpoint_id: string; model_version: number | null }) | null;
  error: CodedError | null;
}

/** The metrics on the pictures of one dataset of a mix; without test pictures they are its training pictures. */
export interface SetMetrics {
  dataset: string;
  split: "test" | "train";
  samples: number;
  accuracy: number;
}

export interface EpochPoint extends Metrics {
  sets?: SetMetrics[];
  epoch: number;
  step: number;
  seconds: number;
}

export interface StepsData {
  first_step: number;
  losses: ApiNumber[];
}

export interface ChangeData {
  step: number;
  learning_rate?: number | null;
  momentum?: number | null;
}

export interface StatusData {
  status: Status;
  reason?: CodedError | null;
}

/** One entry of a job's log; the entries are numbered from 1 without gaps. */
export type JobEvent = { number: number } & (
  | { type: "steps"; data: StepsData }
  | { type: "epoch"; data: EpochPoint }
  | { type: "change"; data: ChangeData }
  | { type: "diagnostic"; data: DiagnosticData }
  | { type: "status"; data: StatusData }
);

export interface Checkpoint {
  id: string;
  epoch: number | null;
  step: number | null;
  /** Null for a network that came as a file. */
  job_id: string | null;
  network: { layers: Layer[] };
}

export interface Prediction {
  digit: number | null;
  confidence: number | null;
  probabilities: ApiNumber[];
  /** What was removed from the picture or is doubtful, in the language of the request. */
  input: { notes: { message: string }[] };
  /** For each of the 28×28 pixels: above zero where more ink supports the answer, below where it contradicts it. */
  saliency?: number[][] | null;
  /** The 28×28 image that the network received, as a data URL. */
  trace?: string | null;
  /** The outputs of each layer. */
  activations?: number[][];
  step?: number;
  model?: string;
  version?: number;
}

/** Some units of a layer; they count from 0. */
export interface ShownLayer {
  units: number;
  activation: string;
  shown: number[];
  biases: ApiNumber[];
  /** From each shown unit of the layer below (rows) to each shown unit; null for the first layer. */
  weights: ApiNumber[][] | null;
}

/** The weights between some units of a network. */
export interface NetworkWeights {
  job_id: string | null;
  checkpoint_id: string | null;
  step: number | null;
  layers: ShownLayer[];
  /** The weights from the pixels into each shown unit of the first layer: 784 signed bytes as base64, times a scale. */
  pictures: { scale: number | null; data: string | null }[] | null;
}

export interface Dataset {
  name: string;
  created_by: { id: string } | null;
  /** The number of images, and how many there are of each digit. */
  train: { samples: number; counts: number[] };
  test: { samples: number; counts: number[] };
}

/** A picture of a dataset, as the network takes it. */
export interface OwnDigit {
  id: string;
  label: number;
  /** 28×28 pixels, as a data URL. */
  png: string;
}

export interface HardImage {
  index: number;
  label: number;
  prediction: number;
  label_probability: number;
  png: string;
}

export interface Evaluation {
  samples: number;
  accuracy: number;
  /** Rows are labels, columns predictions. */
  confusion: number[][];
  hardest: HardImage[];
}

export interface ComparedJob {
  id: string;
  label: string;
  status: Status;
  step: number;
  epochs_done: number;
  figures: Metrics;
  seconds: number;
}

/** A metric of the succeeded jobs of a group; *sd* is null for a single job. */
export interface Spread {
  n: number;
  mean: number;
  sd: number | null;
  minimum: number;
  maximum: number;
}

/** Compared jobs whose configurations are equal in all but the seed. */
export interface JobGroup {
  label: string;
  jobs: string[];
  figures: Record<keyof Metrics, Spread | null>;
}

export interface Comparison {
  groups: JobGroup[];
  jobs: ComparedJob[];
  /** One entry per configuration field that differs; *values* has one value per job. */
  differences: { pointer: string; values: unknown[] }[];
}

export interface Parameter {
  name: string;
  type: "number" | "integer" | "boolean";
  default: number | boolean | null;
  minimum: number | null;
  maximum: number | null;
  exclusive_minimum: boolean;
  exclusive_maximum: boolean;
}

export interface Choice {
  name: string;
  parameters: Parameter[];
  /** Values to start from, where they differ from the defaults. */
  suggested?: Record<string, number>;
}

export interface Optimizer extends Choice {
  suggested: { learning_rate: number };
  teaching_order: number;
  /** What it does, in one sentence of each language. */
  explanation: Record<string, string>;
}

export interface Options {
  activations: string[];
  initializers: Choice[];
  optimizers: Optimizer[];
  schedules: Choice[];
  augment: Parameter[];
  /** `native`: whether the service's processor has instructions for it. */
  precisions: { name: string; native: boolean }[];
  datasets: string[];
  presets: Record<string, Configuration>;
  limits: { max_epochs: number; max_layers: number; max_units: number };
}

declare global {
  interface Window {
    /** Defined by /page/vega.js. */
    vegaEmbed: (place: HTMLElement, spec: object, options: object) => Promise<{ view: { finalize(): void } }>;
  }
  /** Defined by Swagger UI's own script on /docs. */
  const SwaggerUIBundle: (options: object) => void;
}
