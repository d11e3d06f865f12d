// @ts-check
// The version of the model `digits` that answers where a visitor asks for no other.

import { get } from "./api.js";

/** @import { Model, Version } from "./types.d.ts" */

const MODEL = "v1/models/digits";

/**
 * The live version, or null where nothing has been trained yet.
 * @param {AbortSignal} signal
 * @returns {Promise<Version | null>}
 */
export async function readLive(signal) {
  /** @type {Model} */
  const { aliases, versions } = await get(MODEL, { signal });
  const live = aliases.find(({ alias }) => alias === "live")?.version;
  return versions.find(({ version }) => version === live) ?? null;
}
