// @ts-check
// What a lesson reads out of the log of its runs to check an answer. A reading is null until the log has it.

import { hasEnded } from "../net/jobs.js";

/**
 * @import { DiagnosticData, EpochPoint, Status } from "../net/types.d.ts"
 *
 * @typedef {object} Run What the log of one job has so far.
 * @property {string} id
 * @property {string} arm Which of the lesson's arms it trains.
 * @property {Status} status
 * @property {EpochPoint[]} epochs
 * @property {(number | null)[]} losses The loss of each step; null where it is not finite.
 * @property {DiagnosticData[]} diagnostics
 *
 * @typedef {object} Reading What the log answers.
 * @property {string | number} answer One of the question's choices, or the number that it asks for.
 * @property {Record<string, Figure>} figures The numbers that show it, for the sentence of the evidence.
 * @property {string} run The id of the run in whose log one sees it.
 *
 * @typedef {{ value: number, as: "share" | "points" | "number" }} Figure
 *
 * @typedef {object} Lesson
 * @property {string} name Also the part of its keys in the word files: `lesson.NAME.…`.
 * @property {{ name: string, body: Record<string, any> }[]} arms The bodies of the jobs, as for `POST /v1/jobs`.
 * @property {number} [seeds] How many seeds train each arm. Without it, each arm is one job.
 * @property {boolean} [isExperiment] Whether the runs are an experiment of the service, and not jobs by themselves.
 * @property {number} seconds About how long it takes on two cores.
 * @property {"steps" | "epochs"} plot Whether the curves show the loss of each step, or both losses of each epoch.
 * @property {number} [tryArm] Which arm opens in the form to try more; by default the first.
 * @property {Question} question
 * @property {string[]} terms The terms that one needs to read it.
 * @property {string} chapter The notebook's chapter, as a key of the word files.
 * @property {"02_mathematical-building-blocks" | "05_fundamentals-of-ml"} book The chapter of the book.
 *
 * @typedef {object} Question
 * @property {string[]} [choices] Without them, the answer is a whole number.
 * @property {number} [tolerance] By how much a number may differ.
 * @property {(runs: Run[]) => Reading | null} read
 */

/** How many of the last steps count as the end of a run. */
const LAST_STEPS = 100;

/** @param {number | null | undefined} value @returns {Figure} */
export const share = (value) => ({ value: value ?? NaN, as: "share" });

/** @param {number} value A difference of two shares. @returns {Figure} */
export const points = (value) => ({ value, as: "points" });

/** @param {number | null | undefined} value @returns {Figure} */
export const plain = (value) => ({ value: value ?? NaN, as: "number" });

/**
 * The first run of an arm.
 * @param {Run[]} runs
 * @param {string} arm
 */
export const runOf = (runs, arm) => runs.find((run) => run.arm === arm);

/**
 * The first run of an arm once it has ended.
 * @param {Run[]} runs
 * @param {string} arm
 */
export function endedRunOf(runs, arm) {
  const run = runOf(runs, arm);
  return run && hasEnded(run) ? run : undefined;
}

/** @param {Run} run */
export const lastEpoch = ({ epochs }) => epochs.at(-1);

/**
 * The mean loss of a run's last steps; null where one of them is not finite.
 * @param {Run} run
 */
export function finalLoss({ losses }) {
  const last = losses.slice(-LAST_STEPS);
  if (!last.length || last.includes(null)) return null;
  return /** @type {number[]} */ (last).reduce((sum, each) => sum + each, 0) / last.length;
}

/**
 * The test accuracies of an arm's runs, or null until each has ended with one.
 * @param {Run[]} runs
 * @param {string} arm
 * @param {number} expected How many runs there are.
 */
export function accuraciesOf(runs, arm, expected) {
  const ended = runs.filter((run) => run.arm === arm && run.status === "succeeded");
  const values = ended.map((run) => lastEpoch(run)?.test_accuracy).filter((each) => typeof each === "number");
  return values.length === expected ? values : null;
}

/** @param {number[]} values */
export const mean = (values) => values.reduce((sum, each) => sum + each, 0) / values.length;
