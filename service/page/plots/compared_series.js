// @ts-check
// The curves of compared runs, as the service's chart contains them, and their values at a place of the x axis.

/**
 * @typedef {object} Series
 * @property {string} label
 * @property {number[]} x
 * @property {number[]} values NaN where a value is missing or not finite.
 * @property {number[]} raw The losses without smoothing; empty for other metrics.
 * @property {number[]} low The lowest run of a group; empty for a single run.
 * @property {number[]} high
 */

/**
 * @param {{ datasets: { points: Record<string, any>[] } }} chart The chart as Vega-Lite: `/v1/compare/curve.json`.
 * @param {string[]} labels The runs in the order of their colours.
 * @param {string} figure
 * @returns {Series[]}
 */
export function seriesOf({ datasets }, labels, figure) {
  const found = new Map(labels.map((label) => [label, emptySeries(label)]));
  const natural = figure === "loss" ? "step" : "epoch";
  const name = figure === "loss" ? "smooth" : figure;
  for (const point of datasets.points) {
    const series = found.get(point.run);
    if (!series) continue;
    series.x.push(point.x ?? point[natural]);
    series.values.push(point.mean ?? point[name] ?? NaN);
    if (figure === "loss" && point.mean === undefined) series.raw.push(point.loss ?? NaN);
    if (point.low === undefined) continue;
    series.low.push(point.low ?? NaN);
    series.high.push(point.high ?? NaN);
  }
  return [...found.values()];
}

/**
 * @param {string} label
 * @returns {Series}
 */
const emptySeries = (label) => ({ label, x: [], values: [], raw: [], low: [], high: [] });

/**
 * The index of the point that is nearest to a place, or -1 where the curve does not reach it.
 * @param {Series} series
 * @param {number} place
 * @param {number} reach How far beyond its ends a curve still counts.
 */
function nearestIndex({ x }, place, reach) {
  if (!x.length || place < x[0] - reach || place > x[x.length - 1] + reach) return -1;
  let [low, high] = [0, x.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle] <= place) low = middle;
    else high = middle;
  }
  return place - x[low] <= x[high] - place ? low : high;
}

/**
 * The values of all curves at a place, the best first, without curves that do not reach it.
 * @param {Series[]} series
 * @param {number} place
 * @param {{ reach: number, isHighestBest: boolean }} options
 * @returns {{ index: number, at: number }[]} The number of each series, and of its point.
 */
export function valuesAt(series, place, { reach, isHighestBest }) {
  const found = series
    .map((each, index) => ({ index, at: nearestIndex(each, place, reach) }))
    .filter(({ index, at }) => at >= 0 && Number.isFinite(series[index].values[at]));
  const sign = isHighestBest ? -1 : 1;
  const heightOf = (/** @type {{ index: number, at: number }} */ { index, at }) => series[index].values[at];
  return found.sort((one, other) => sign * (heightOf(one) - heightOf(other)));
}
