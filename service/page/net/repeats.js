// @ts-check
// Trains one configuration several times, with another seed each.

import { send } from "./api.js";

/** @import { Job } from "./types.d.ts" */

export const REPEATED_SEEDS = 8;

/**
 * Creates a job for each seed from 1 on. Their jobs differ in nothing else, so that the comparison groups them.
 * @param {Record<string, any>} body The body of a job.
 * @param {number} [seeds]
 * @returns {Promise<Job[]>}
 */
export async function repeatJob(body, seeds = REPEATED_SEEDS) {
  const jobs = [];
  for (let seed = 1; seed <= seeds; seed++) jobs.push(await send("POST", "v1/jobs", { ...body, seed }));
  return jobs;
}
