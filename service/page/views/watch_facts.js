// @ts-check
// A job as a row of facts: its place in the queue, then epoch, step, accuracy, speed, time left and learning rate.

import { hasEnded, neverTrained, STEPS_BEFORE_ESTIMATE } from "../net/jobs.js";
import { fill, h } from "../ui/dom.js";
import { duration, MISSING, number, percent } from "../ui/format.js";
import { termIfKnown } from "../ui/term.js";
import { t } from "../ui/words.js";

/** @import { EpochPoint, Job } from "../net/types.d.ts" */

/**
 * Shows the facts, or their new numbers.
 * @param {HTMLElement} list
 * @param {Job} job
 * @param {EpochPoint | undefined} lastEpoch
 */
export function showFacts(list, job, lastEpoch) {
  const facts = Object.entries(factsOf(job, lastEpoch));
  const shown = [...list.children];
  // A fact that stays changes its number only, so that its term keeps the focus and the pointer
  if (facts.map(([name]) => name).join() !== shown.map((each) => each.getAttribute("data-fact")).join()) {
    fill(list, facts.map(factElement));
  } else for (const [i, [, value]] of facts.entries()) fill(shown[i].children[1], value);
}

/** @param {[name: string, value: string]} fact */
const factElement = ([name, value]) =>
  h("div", { "data-fact": name }, h("dt", {}, termIfKnown(name, t(`fact.${name}`))), h("dd", {}, value));

/**
 * The facts that mean something in the job's status.
 * @param {Job} job
 * @param {EpochPoint | undefined} lastEpoch
 * @returns {Record<string, string>}
 */
function factsOf(job, lastEpoch) {
  const rate = { learning_rate: number(job.optimizer.learning_rate) };
  if (neverTrained(job)) return {};
  if (job.progress.step === 0) return { ...(job.status === "queued" ? queueFacts(job) : startFacts(job)), ...rate };
  return {
    ...(job.status === "queued" && queueFacts(job)),
    epoch: epochFact(job),
    step: stepFact(job),
    test_accuracy: percent(job.result?.test_accuracy ?? lastEpoch?.test_accuracy, 2),
    rate: rateFact(job),
    ...(hasEnded(job) ? {} : { time_left: timeLeftFact(job) }),
    ...rate,
  };
}

/** @param {Job} job */
const queueFacts = ({ queue_position: position, estimated_start_at: start }) => ({
  queue_position: number(position),
  starts_in: start ? untilThen(start) : MISSING,
});

/**
 * A worker needs some seconds to load TensorFlow and the images before it takes the first step.
 * @param {Job} job
 * @returns {Record<string, string>}
 */
const startFacts = ({ status }) => (status === "running" ? { now: t("watch.starting") } : {});

/** @param {Job} job */
const epochFact = ({ progress, epochs }) => `${number(progress.epoch)} / ${number(epochs)}`;

/** @param {Job} job */
function stepFact({ progress: { step, total_steps: total } }) {
  return total ? `${number(step)} / ${number(total)}` : number(step);
}

/** @param {Job} job */
function rateFact(job) {
  const { step, samples_per_second: rate } = job.progress;
  return rate && (step >= STEPS_BEFORE_ESTIMATE || hasEnded(job)) ? number(Math.round(rate)) : MISSING;
}

/** @param {Job} job */
function timeLeftFact({ progress: { step, estimated_finish_at: end } }) {
  return end && step >= STEPS_BEFORE_ESTIMATE ? untilThen(end) : MISSING;
}

/** @param {string} timestamp */
const untilThen = (timestamp) => duration((Date.parse(timestamp) - Date.now()) / 1000);
