// @ts-check
// What chance explains on a dataset's test images, so that a run that learned nothing does not look like a success.
// service/training/worker/chance.py has the same rule.

import { get, isTemporary } from "./api.js";

/**
 * @import { Dataset, Job } from "./types.d.ts"
 *
 * @typedef {object} Chance
 * @property {number} guess What guessing one of the classes that the training images have reads: 0.1 of ten digits.
 * @property {number} level The share of the most frequent class: always answering it reads so many images.
 * @property {number | null} limit Two standard deviations above the level; null where the test images are too few.
 */

/** With fewer test images, chance explains too much. */
const FEWEST_IMAGES = 100;

/**
 * @param {Dataset} dataset
 * @returns {Chance}
 */
function chanceOf({ train, test: { samples, counts } }) {
  const guess = 1 / Math.max(1, train.counts.filter(Boolean).length);
  const level = samples ? Math.max(...counts) / samples : guess;
  const limit = samples < FEWEST_IMAGES ? null : level + 2 * Math.sqrt((level * (1 - level)) / samples);
  return { guess, level, limit };
}

/** What is known already, by dataset and version. @type {Map<string, Chance | null>} */
const known = new Map();

/**
 * @typedef {Pick<Job, "dataset" | "dataset_version">} Trained A job, or its configuration.
 * @param {Trained} job
 */
const testSetOf = ({ dataset, dataset_version: version }) => dataset + (version ? `?version=${version}` : "");

/**
 * Reads what chance explains on the test images of these jobs; a dataset that cannot be read stays unknown.
 * @param {Trained[]} jobs
 * @param {AbortSignal} signal
 */
export async function readChances(jobs, signal) {
  const missing = [...new Set(jobs.map(testSetOf))].filter((each) => !known.has(each));
  await Promise.all(missing.map((each) => readOne(each, signal)));
}

/**
 * @param {string} testSet
 * @param {AbortSignal} signal
 */
async function readOne(testSet, signal) {
  try {
    known.set(testSet, chanceOf(await get(`v1/datasets/${testSet}`, { signal })));
  } catch (error) {
    if (!signal.aborted && !isTemporary(error)) known.set(testSet, null);
  }
}

/**
 * What chance explains on the test images of a job, as far as it has been read.
 * @param {Trained} job
 */
export const chanceFor = (job) => known.get(testSetOf(job)) ?? null;

/**
 * Whether a job's network reads no more images than chance explains, as far as that has been read.
 * @param {Trained} job
 * @param {number} accuracy On the test images.
 */
export function isByChance(job, accuracy) {
  const limit = chanceFor(job)?.limit ?? null;
  return limit !== null && accuracy <= limit;
}

/**
 * Whether a job has succeeded and reads no more images than chance explains, as far as that has been read.
 * @param {Job} job
 */
export function learnedNothing(job) {
  const accuracy = job.result?.test_accuracy ?? null;
  return job.status === "succeeded" && accuracy !== null && isByChance(job, accuracy);
}
