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
 * The distance of about *count* round numbers in a range: 1, 2 or 5 times a power of ten.
 * @param {Range} range
 * @param {number} count
 */
function tickStep({ low, high }, count) {
  const roughStep = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(roughStep));
  return rounded(power * (roughStep <= power ? 1 : roughStep <= 2 * power ? 2 : roughStep <= 5 * power ? 5 : 10));
}

/**
 * About *count* round numbers from *low* to *high*: multiples of 1, 2 or 5 times a power of ten.
 * @param {Range} range
 * @param {number} count
 */
export function linearTicks({ low, high }, count) {
  const step = tickStep({ low, high }, count);
  const ticks = [];
  for (let i = Math.ceil(rounded(low / step)); i <= Math.floor(rounded(high / step)); i++)
    ticks.push(rounded(i * step));
  return ticks;
}

/**
 * Whole numbers for a horizontal axis: the first, the last, and round ones between them with room for their labels.
 * @param {Range} range
 * @param {number} count
 */
export function wholeTicks({ low, high }, count) {
  const [first, last] = [Math.ceil(low), Math.floor(high)];
  if (first >= last) return [last];
  const room = ((last - first) / count) * 0.6;
  const between = linearTicks({ low: first, high: last }, count).filter(
    (tick) => Number.isInteger(tick) && tick > first + room && tick < last - room,
  );
  return [first, ...between, last];
}

/**
 * The range that ends at round numbers, so that its axis has ticks at the lowest and highest place, and these ticks.
 * @param {Range} range
 * @param {number} count About how many ticks.
 */
export function roundRange({ low, high }, count) {
  const step = tickStep({ low, high }, count);
  const [first, last] = [Math.floor(rounded(low / step)), Math.ceil(rounded(high / step))];
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => rounded((first + i) * step));
  return { low: ticks[0], high: ticks[ticks.length - 1], ticks };
}

const LOG_FACTORS = [1, 2, 5, 10];

/**
 * The range that ends at 1, 2 or 5 times a power of ten.
 * @param {Range} range
 * @returns {Range}
 */
export function roundLogRange({ low, high }) {
  const [below, above] = [low, high].map((value) => 10 ** Math.floor(Math.log10(value)));
  const factors = LOG_FACTORS.map((factor) => factor * (1 - 1e-9)); // so that 0.2 is not below 0.2
  const first = LOG_FACTORS[factors.findLastIndex((factor) => factor * below <= low)];
  const last = LOG_FACTORS.find((factor) => factor * above >= high * (1 - 1e-9)) ?? 10;
  const range = { low: rounded(first * below), high: rounded(last * above) };
  return range.low < range.high ? range : { low: rounded(range.low / 2), high: rounded(range.high * 2) };
}

/**
 * The powers of ten from *low* to *high*, over less than two of them also their doubles and fives, and both ends.
 * @param {Range} range
 */
export function logTicks({ low, high }) {
  const factors = Math.log10(high / low) > 2 ? [1] : [1, 2, 5];
  const ticks = [low, high];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    ticks.push(...factors.map((factor) => rounded(factor * 10 ** power)));
  }
  return [...new Set(ticks)].filter((tick) => tick >= low && tick <= high);
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
  Math.max(1, reached, Math.min(total, Math.max(atLeast, Math.ceil(reached * 1.2))));

const SAMPLED = 1000;

/** Of the losses so many are below the place where a linear axis ends, before some room is added. */
const SHOWN_SHARE = 0.96;
const ROOM = 1.15;

/** An axis ends there if that is below so much of the highest loss. */
export const CLIPPED = 0.6;

/**
 * Where a linear axis of losses may end so that the steep first steps, or single peaks, do not flatten the rest. The
 * newest half of the smoothed curve is always below it.
 * @param {ArrayLike<number>} values
 * @param {ArrayLike<number>} smooth
 */
export function robustHigh(values, smooth) {
  const every = Math.max(1, Math.ceil(values.length / SAMPLED));
  const sample = [];
  let highest = 0;
  for (let i = values.length - 1; i >= 0; i -= every) {
    if (Number.isFinite(values[i])) sample.push(values[i]);
    if (i > values.length / 2 && smooth[i] > highest) highest = smooth[i];
  }
  sample.sort((a, b) => a - b);
  return Math.max(sample[Math.floor(sample.length * SHOWN_SHARE)] ?? 0, highest) * ROOM;
}
