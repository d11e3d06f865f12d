// @ts-check
// How an experiment's metric is written: accuracies as percentages and their differences in percentage points.

import { MISSING, measuredColumn, number, percent, percentagePoints } from "../ui/format.js";
import { t } from "../ui/words.js";

/**
 * @import { ExperimentResult } from "../net/experiment_types.d.ts"
 *
 * @typedef {object} Writer
 * @property {(value: number) => string} tick A value beside an axis.
 * @property {(difference: number) => string} differenceTick A difference beside an axis.
 * @property {(value: number | null | undefined) => string} value
 * @property {(difference: number | null | undefined) => string} difference With its sign.
 * @property {(size: number | null | undefined) => string} size A standard deviation or a standard error.
 */

/**
 * A writer whose values have equal decimals in all tables of a result.
 * @param {Pick<ExperimentResult, "metric" | "arms" | "pairs">} result
 * @returns {Writer}
 */
export function writerOf({ metric, arms, pairs }) {
  if (!metric.endsWith("accuracy")) {
    const value = measuredColumn(arms.flatMap(({ jobs }) => jobs.map((run) => run.value)));
    const size = measuredColumn([...pairs.map(({ difference }) => difference), ...arms.map(({ sd }) => sd)]);
    const differenceTick = (/** @type {number} */ each) => signed(each, number(each));
    return { tick: number, differenceTick, value, difference: (each) => signed(each, size(each)), size };
  }
  const points = (/** @type {number} */ value) => t("experiment.points", { number: percentagePoints(value) });
  return {
    tick: (share) => percent(share, 2),
    differenceTick: (share) => signed(share, points(share)),
    value: (share) => percent(share, 2),
    difference: (share) => (isNumber(share) ? signed(share, points(share)) : MISSING),
    size: (share) => (isNumber(share) ? points(share) : MISSING),
  };
}

/**
 * @param {number | null | undefined} value
 * @param {string} text
 */
const signed = (value, text) => (isNumber(value) && value > 0 ? `+${text}` : text.replace("-", "−"));

/**
 * @param {unknown} value
 * @returns {value is number}
 */
const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
