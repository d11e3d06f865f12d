// @ts-check
// The body that creates a job's configuration again, also with some values changed.

import { requestBody } from "./configuration.js";

/** @import { Configuration, Job, Options } from "./types.d.ts" */

/**
 * The smallest body that trains what a job trains.
 * @param {Job} job
 * @param {Options} options
 * @param {Record<string, unknown>} [changes] New values by their JSON pointers.
 */
export function bodyOf(job, { presets }, changes = {}) {
  const names = /** @type {(keyof Configuration)[]} */ (Object.keys(presets.notebook));
  const fields = Object.fromEntries(names.map((name) => [name, structuredClone(job[name])]));
  const config = /** @type {any} */ ({ ...fields, preset: job.preset || "notebook" });
  for (const [pointer, value] of Object.entries(changes)) change(config, pointer, value);
  return requestBody(config, presets);
}

/**
 * @param {any} config Is changed in place.
 * @param {string} pointer
 * @param {unknown} value
 */
function change(config, pointer, value) {
  const names = pointer.slice(1).split("/");
  const last = /** @type {string} */ (names.pop());
  let place = config;
  for (const name of names) place = place[name];
  place[last] = value;
}
