// @ts-check
// Experiments: what a form's configuration means as a request, and which field of the form an error is about.

import { requestBody } from "./configuration.js";

/** @import { Configuration } from "./types.d.ts" */

export const FIRST_SEEDS = 8;

/**
 * The lists of numbers in a configuration, by their JSON pointers: `{"/optimizer/learning_rate": [0.01, 0.1]}`.
 * @param {unknown} value
 * @param {string} [pointer]
 * @returns {Record<string, number[]>}
 */
export function sweepOf(value, pointer = "") {
  if (isList(value)) return { [pointer]: value };
  if (value === null || typeof value !== "object") return {};
  const parts = Object.entries(value).map(([name, part]) => sweepOf(part, `${pointer}/${name}`));
  return Object.assign({}, ...parts);
}

/**
 * The configuration with the first number of each list.
 * @template T
 * @param {T} value
 * @returns {T}
 */
export function withoutLists(value) {
  if (isList(value)) return /** @type {any} */ (value[0]);
  if (Array.isArray(value)) return /** @type {any} */ (value.map(withoutLists));
  if (value === null || typeof value !== "object") return value;
  return /** @type {any} */ (
    Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withoutLists(part)]))
  );
}

/**
 * A copy of the configuration with another value at a JSON pointer.
 * @param {Configuration} config
 * @param {string} pointer
 * @param {unknown} value
 * @returns {Configuration}
 */
export function changedAt(config, pointer, value) {
  const copy = structuredClone(config);
  const names = pointer.slice(1).split("/");
  const last = /** @type {string} */ (names.pop());
  /** @type {any} */
  let part = copy;
  for (const name of names) part = part[name];
  part[last] = value;
  return copy;
}

/**
 * @param {any} config
 * @param {string} pointer
 */
export function valueAt(config, pointer) {
  return pointer
    .slice(1)
    .split("/")
    .reduce((part, name) => part?.[name], config);
}

/**
 * The request body of a sweep: every combination of the lists is an arm.
 * @param {Configuration} config
 * @param {Record<string, Configuration>} presets
 */
export const sweepBody = (config, presets) => ({
  config: armBody(withoutLists(config), presets),
  sweep: sweepOf(config),
});

/**
 * The request body of a comparison of two configurations; the first is the baseline.
 * @param {{ name: string, config: Configuration }[]} arms
 * @param {Record<string, Configuration>} presets
 */
export const armsBody = (arms, presets) => ({
  arms: arms.map(({ name, config }) => ({ name, config: armBody(config, presets) })),
  baseline: arms[0].name,
});

/**
 * A job's request body without a seed and a name: those of the experiment count.
 * @param {Configuration} config
 * @param {Record<string, Configuration>} presets
 */
function armBody(config, presets) {
  const { seed, name, ...body } = requestBody(config, presets);
  return body;
}

/**
 * The pointer of the form's field for a pointer into an experiment's body; a faulty change is at `/change`.
 * @param {string} pointer
 */
export function formPointer(pointer) {
  if (pointer.startsWith("/arms/1")) return "/change";
  if (pointer.startsWith("/sweep/")) return unescaped(pointer.split("/")[2]);
  return pointer.replace(/^\/(arms\/0\/)?config/, "");
}

/**
 * The text of one step of a JSON pointer (RFC 6901).
 * @param {string} step
 */
const unescaped = (step) => step.replaceAll("~1", "/").replaceAll("~0", "~");

/**
 * Whether a value is a list of numbers that the visitor typed.
 * @param {unknown} value
 * @returns {value is number[]}
 */
const isList = (value) => Array.isArray(value) && value.length > 1 && value.every((each) => typeof each === "number");
