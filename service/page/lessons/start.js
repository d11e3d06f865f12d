// @ts-check
// Starts the runs of a lesson, by the API's usual routes.

import { get, send } from "../net/api.js";

/**
 * @import { Job } from "../net/types.d.ts"
 * @import { Lesson } from "./readings.js"
 *
 * @typedef {{ id: string, arm: string }} Started
 */

/**
 * The body of a job: its dataset is MNIST unless the address names another.
 * @param {Record<string, any>} body
 * @param {string | undefined} dataset
 */
export const bodyOn = (body, dataset) => (dataset ? { ...body, dataset } : body);

/**
 * Queues all runs. Each job is reported at once, so that the page shows what was queued before an error.
 * @param {Lesson} lesson
 * @param {string | undefined} dataset
 * @param {(run: Started) => void} onStarted
 * @returns {Promise<string | null>} The id of the experiment, if the lesson is one.
 */
export async function startLesson(lesson, dataset, onStarted) {
  if (lesson.isExperiment) return startExperiment(lesson, dataset, onStarted);
  for (const { name, body } of lesson.arms) {
    for (let i = 0; i < (lesson.seeds ?? 1); i++) {
      const job = await send("POST", "v1/jobs", { name: `${lesson.name}: ${name}`, ...bodyOn(body, dataset) });
      onStarted({ id: job.id, arm: name });
    }
  }
  return null;
}

/**
 * @param {Lesson} lesson
 * @param {string | undefined} dataset
 * @param {(run: Started) => void} onStarted
 */
async function startExperiment({ name: lessonName, arms, seeds }, dataset, onStarted) {
  const first = Math.floor(Math.random() * 1e6) + 1;
  const experiment = await send("POST", "v1/experiments", {
    name: lessonName,
    arms: arms.map(({ name, body }) => ({ name, config: bodyOn(body, dataset) })),
    seeds: Array.from({ length: seeds ?? 1 }, (_, i) => first + i),
    baseline: arms[0].name,
  });
  /** @type {(Job & { arm: string })[]} */
  const jobs = (await get(`v1/jobs?experiment=${experiment.id}&limit=100`)).data;
  for (const { id, arm } of jobs.reverse()) onStarted({ id, arm });
  return experiment.id;
}
