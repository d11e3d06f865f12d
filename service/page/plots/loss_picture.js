// @ts-check
// The picture of a run's loss by step: each loss pale, and the smoothed loss over it; and its text alternative.

import { t } from "../ui/words.js";
import { axisEnd } from "./scale.js";

/**
 * @import { LossSeries } from "./loss_series.js"
 * @import { Curve, Picture } from "./picture.js"
 */

/**
 * @param {LossSeries} losses
 * @returns {Curve[]}
 */
export const lossCurves = ({ values, smooth }) => [
  { values, paint: "curve", thickness: 1, opacity: 0.35 },
  { values: smooth, paint: "curve", thickness: 2.2 },
];

/**
 * @param {LossSeries} losses
 * @param {number | null} totalSteps The job's number of steps, once it is known.
 * @returns {Picture}
 */
export const lossPicture = (losses, totalSteps) => ({
  x: { low: 1, high: axisEnd({ reached: losses.length, total: totalSteps ?? losses.length, atLeast: 100 }) },
  xTitle: t("metric.step"),
  yTitle: t("watch.loss"),
  floor: 0,
  emptyText: t("watch.waiting"),
  curves: lossCurves(losses),
});

/** @param {LossSeries} losses */
export const lossSentence = ({ length: steps, values, smooth }) =>
  t("watch.loss.description", { steps, first: values.at(0) ?? NaN, loss: smooth.at(-1) ?? NaN });
