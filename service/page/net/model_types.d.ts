// The models of the API, as far as the page uses them.

import type { ApiNumber } from "./types.d.ts";

/** A version of a model; the list of all models names no checkpoints. */
export interface Version {
  version: number;
  test_accuracy: ApiNumber;
  checkpoint_id?: string;
}

export interface Model {
  name: string;
  versions: Version[];
  /** An alias that a client has set is pinned; the service moves any other to the best version. */
  aliases: { alias: string; version: number; pinned: boolean }[];
}
