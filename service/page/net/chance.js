// @ts-check
// What chance explains on a dataset's test images, so that a run that learned nothing does not look like a success.
// service/training/worker/chance.py has the same rule.

import { get } from "./api.js";

/**
 * @import { Dataset, Job } from "./types.d.ts"
 *
 * @typedef {object} Chance
 * @property {number} level The share of the most frequent class: always answering it reads so many images.
 * @property {number} limit Two standard deviations above the level.
 */

/** With fewer test images, chance explains too much. */
const FEWEST_IMAGES = 100;

/**
 * @param {Dataset["test"]} test
 * @returns {Chance | null} Null where the test images are too few to judge.
 */
export function chanceOf({ samples, counts }) {
  if (samples < FEWEST_IMAGES) return null;
  const level = Math.max(...counts) / samples;
  return { level, limit: level + 2 * Math.sqrt((level * (1 - level)) / samples) };
}

/**
 * Reads what chance explains on the test images of a job.
 * @param {Job} job
 * @param {AbortSignal} signal
 */
export async function readChance({ dataset, dataset_version: version }, signal) {
  const which = version ? `?version=${version}` : "";
  return chanceOf((await get(`v1/datasets/${dataset}${which}`, { signal })).test);
}

/**
 * Whether a job has succeeded and reads no more images than chance explains.
 * @param {Job} job
 * @param {Chance | null} chance
 */
export function learnedNothing({ status, result }, chance) {
  const accuracy = result?.test_accuracy ?? null;
  return status === "succeeded" && accuracy !== null && chance !== null && accuracy <= chance.limit;
}
