// @ts-check
// A job as a row of facts: its place in the queue, then epoch, step, accuracy, speed, time left and learning rate.

import { hasEnded } from "../net/jobs.js";
import { h } from "../ui/dom.js";
import { duration, MISSING, number, percent } from "../ui/format.js";
import { t } from "../ui/words.js";

/** @import { EpochPoint, Job } from "../net/types.d.ts" */

/**
 * @param {Job} job
 * @param {EpochPoint | undefined} lastEpoch
 */
export function factElements(job, lastEpoch) {
  const facts = {
    ...(job.status === "queued" && queueFacts(job)),
    epoch: epochFact(job),
    step: stepFact(job),
    test_accuracy: percent(job.result?.test_accuracy ?? lastEpoch?.test_accuracy, 2),
    rate: rateFact(job),
    time_left: timeLeftFact(job),
    learning_rate: number(job.optimizer.learning_rate),
  };
  return Object.entries(facts).map(([name, value]) =>
    h("div", { "data-fact": name }, h("dt", {}, t(`fact.${name}`)), h("dd", {}, value)),
  );
}

/** @param {Job} job */
const queueFacts = ({ queue_position: position, estimated_start_at: start }) => ({
  queue_position: number(position),
  starts_in: start ? untilThen(start) : MISSING,
});

/** @param {Job} job */
const epochFact = ({ progress, epochs }) => `${number(progress.epoch)} / ${number(epochs)}`;

/** @param {Job} job */
function stepFact({ progress: { step, total_steps: total } }) {
  return total ? `${number(step)} / ${number(total)}` : number(step);
}

/** @param {Job} job */
function rateFact({ progress: { samples_per_second: rate } }) {
  return rate ? number(Math.round(rate)) : MISSING;
}

/** @param {Job} job */
function timeLeftFact(job) {
  const end = job.progress.estimated_finish_at;
  return end && !hasEnded(job) ? untilThen(end) : MISSING;
}

/** @param {string} timestamp */
const untilThen = (timestamp) => duration((Date.parse(timestamp) - Date.now()) / 1000);
