// @ts-check
// Where values lie on a plot: ranges, the mapping from values to pixels, and the numbers beside the axes.

/**
 * @typedef {{ low: number, high: number }} Range
 * @typedef {(value: number) => number} Scale Maps a value to a pixel.
 */

/**
 * The lowest and highest number, or null where there is none. NaN is ignored.
 * @param {Iterable<number>[]} lists
 * @returns {Range | null}
 */
export function rangeOf(...lists) {
  let low = Infinity;
  let high = -Infinity;
  for (const values of lists) {
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? { low, high } : null;
}

/**
 * A linear mapping of *range* to the pixels *from* to *to*.
 * @param {Range} range
 * @param {number} from
 * @param {number} to
 * @returns {Scale}
 */
export function linearScale({ low, high }, from, to) {
  const pixelsPerUnit = (to - from) / (high - low || 1);
  return (value) => from + (value - low) * pixelsPerUnit;
}

/**
 * A logarithmic mapping: equal factors have equal lengths.
 * @param {Range} range
 * @param {number} from
 * @param {number} to
 * @returns {Scale}
 */
export function logScale({ low, high }, from, to) {
  const scale = linearScale({ low: Math.log(low), high: Math.log(high) }, from, to);
  return (value) => scale(Math.log(value));
}

/**
 * About *count* round numbers from *low* to *high*: multiples of 1, 2 or 5 times a power of ten.
 * @param {Range} range
 * @param {number} count
 */
export function linearTicks({ low, high }, count) {
  const roughStep = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(roughStep));
  const step = power * (roughStep <= power ? 1 : roughStep <= 2 * power ? 2 : roughStep <= 5 * power ? 5 : 10);
  const ticks = [];
  for (let i = Math.ceil(low / step); i <= Math.floor(high / step); i++) ticks.push(rounded(i * step));
  return ticks;
}

/**
 * The powers of ten from *low* to *high*; over less than two of them, also their doubles and fives.
 * @param {Range} range
 */
export function logTicks({ low, high }) {
  const factors = Math.log10(high / low) > 2 ? [1] : [1, 2, 5];
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    ticks.push(...factors.map((factor) => rounded(factor * 10 ** power)));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}

/**
 * Removes floating-point noise: 0.30000000000000004 becomes 0.3.
 * @param {number} value
 */
const rounded = (value) => Number(value.toPrecision(12));

/**
 * Where the x axis ends while points still arrive: a little after the last point, so that the start of a long job
 * is not a thin line at the left edge.
 * @param {{ reached: number, total: number, atLeast: number }} counts
 */
export const axisEnd = ({ reached, total, atLeast }) =>
  Math.max(2, reached, Math.min(total, Math.max(atLeast, reached * 1.2)));
