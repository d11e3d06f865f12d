// @ts-check
// Reads jobs from the API.

import { get } from "./api.js";

/** @import { Job, Status } from "./types.d.ts" */

/** @type {Status[]} */
const TERMINAL = ["succeeded", "failed", "cancelled"];

/** The first steps are slow, so that their rate says little about the others. */
export const STEPS_BEFORE_ESTIMATE = 100;

/**
 * Whether a job has reached a status that it never leaves.
 * @param {{ status: Status }} job
 */
export const hasEnded = ({ status }) => TERMINAL.includes(status);

/**
 * Whether a job has ended before its first step: it has no losses, no weights and no answers.
 * @param {Job} job
 */
export const neverTrained = (job) => hasEnded(job) && job.progress.step === 0;

/**
 * The newest jobs, newest first.
 * @param {AbortSignal} signal
 * @param {number} [limit]
 * @returns {Promise<Job[]>}
 */
export const newestJobs = async (signal, limit = 50) => (await get(`v1/jobs?limit=${limit}`, { signal })).data;

/**
 * The job of that id, or without an id the newest; with it the list to choose another from.
 * @param {string} id
 * @param {AbortSignal} signal
 * @param {(job: Job) => boolean} [isListed] Which jobs the list contains besides the chosen one.
 * @returns {Promise<{ job: Job, jobs: Job[] } | null>} Null while there is no job to show.
 */
export async function chooseJob(id, signal, isListed = () => true) {
  const jobs = (await newestJobs(signal)).filter((job) => job.id === id || isListed(job));
  if (!jobs.length) return null;
  const job = id ? (jobs.find((each) => each.id === id) ?? (await get(`v1/jobs/${id}`, { signal }))) : jobs[0];
  return { job, jobs: jobs.includes(job) ? jobs : [...jobs, job] };
}
