// @ts-check
// What chance explains on a dataset's test images, so that a run that learned nothing does not look like a success.
// service/training/worker/chance.py has the same rule.

import { get, isTemporary } from "./api.js";
import { hasEnded } from "./jobs.js";

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
function chanceOf({ samples, counts }) {
  if (samples < FEWEST_IMAGES) return null;
  const level = Math.max(...counts) / samples;
  return { level, limit: level + 2 * Math.sqrt((level * (1 - level)) / samples) };
}

/** What is known already, by dataset and version. @type {Map<string, Chance | null>} */
const known = new Map();

/** @param {Job} job */
const testSetOf = ({ dataset, dataset_version: version }) => dataset + (version ? `?version=${version}` : "");

/**
 * Reads what chance explains on the test images of these jobs; a dataset that cannot be read stays unknown.
 * @param {Job[]} jobs
 * @param {AbortSignal} signal
 */
export async function readChances(jobs, signal) {
  const ended = jobs.filter(hasEnded).map(testSetOf);
  const missing = [...new Set(ended)].filter((each) => !known.has(each));
  await Promise.all(missing.map((each) => readOne(each, signal)));
}

/**
 * @param {string} testSet
 * @param {AbortSignal} signal
 */
async function readOne(testSet, signal) {
  try {
    known.set(testSet, chanceOf((await get(`v1/datasets/${testSet}`, { signal })).test));
  } catch (error) {
    if (!signal.aborted && !isTemporary(error)) known.set(testSet, null);
  }
}

/**
 * What chance explains on the test images of a job, as far as it has been read.
 * @param {Job} job
 */
export const chanceFor = (job) => known.get(testSetOf(job)) ?? null;

/**
 * Whether a job's network reads no more images than chance explains, as far as that has been read.
 * @param {Job} job
 * @param {number} accuracy On the test images.
 */
export function isByChance(job, accuracy) {
  const chance = chanceFor(job);
  return chance !== null && accuracy <= chance.limit;
}

/**
 * Whether a job has succeeded and reads no more images than chance explains, as far as that has been read.
 * @param {Job} job
 */
export function learnedNothing(job) {
  const accuracy = job.result?.test_accuracy ?? null;
  return job.status === "succeeded" && accuracy !== null && isByChance(job, accuracy);
}
