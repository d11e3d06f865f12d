// @ts-check
// How an experiment's metric is written: accuracies as percentages and their differences in percentage points.

import { MISSING, number, percent, percentagePoints } from "../ui/format.js";
import { t } from "../ui/words.js";

/**
 * @typedef {object} Writer
 * @property {(value: number | null | undefined) => string} value
 * @property {(difference: number | null | undefined) => string} difference With its sign.
 * @property {(size: number | null | undefined) => string} size A standard deviation or a standard error.
 */

/**
 * @param {string} metric
 * @returns {Writer}
 */
export function writerOf(metric) {
  if (!metric.endsWith("accuracy")) {
    return { value: (value) => number(value), difference: (value) => signed(value, number(value)), size: number };
  }
  const points = (/** @type {number} */ value) => t("experiment.points", { number: percentagePoints(value) });
  return {
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
