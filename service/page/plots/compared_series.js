// @ts-check
// The curves of compared runs, as the service returns them, and their values at a place of the x axis.

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
 * @typedef {(number | null)[]} Column
 * @param {{ label: string, x: number[], y: Column, losses: Column, low: Column, high: Column }} curve Of
 *     `/v1/compare/points`.
 * @param {{ isLogarithmic: boolean }} options On a logarithmic axis zeros are missing.
 * @returns {Series}
 */
export function seriesOf({ label, x, y, losses, low, high }, { isLogarithmic }) {
  const drawable = (/** @type {number | null} */ value) =>
    value === null || (isLogarithmic && value === 0) ? NaN : value;
  const [values, raw, lowest, highest] = [y, losses, low, high].map((column) => column.map(drawable));
  return { label, x, values, raw, low: lowest, high: highest };
}

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
