// @ts-check
// Rows of dots with an interval below each row: every run of an experiment, or its difference on every seed.

import { svg } from "../ui/svg.js";
import { linearTicks, rangeOf } from "./scale.js";

/**
 * @import { Range } from "./scale.js"
 *
 * @typedef {object} Dot
 * @property {number} seed Lines join the dots of a seed in neighbouring rows.
 * @property {number} value
 * @property {string} title The tooltip.
 *
 * @typedef {object} Row
 * @property {string} label
 * @property {string} paint A colour of the style sheet.
 * @property {Dot[]} dots
 * @property {number | null} mean
 * @property {[number, number] | null} interval
 *
 * @typedef {object} DotPicture
 * @property {Row[]} rows
 * @property {(value: number) => string} format Writes the numbers of the axis.
 * @property {boolean} [isJoined] Whether lines join the dots of each seed.
 * @property {number} [zero] Where a dashed line stands, such as no difference.
 */

const ROW_HEIGHT = 78;
const DOT_Y = 38;
const INTERVAL_Y = 58;
const AXIS_HEIGHT = 26;
const DOT_RADIUS = 5;

/** Neighbouring seeds stand at different heights, so that equal values do not hide each other. */
const HEIGHTS = [0, -6, 6];
const TICKS = 4;

/** The axis reaches from so much of the width to the rest, so that dots and numbers at its ends are whole. */
const MARGIN = 0.04;

/**
 * Draws rows of dots. Horizontal places are shares of the width, so that the picture fits every screen.
 * @param {DotPicture} picture
 */
export function dotPlot({ rows, format, isJoined = false, zero }) {
  const range = rangeOfRows(rows, zero === undefined ? [] : [zero]);
  const height = rows.length * ROW_HEIGHT + AXIS_HEIGHT;
  const x = (/** @type {number} */ value) => percentOf(value, range);
  return svg(
    "svg",
    { class: "dots", width: "100%", height, "aria-hidden": "true" },
    ...axis(range, { height, format, x }),
    ...(zero === undefined ? [] : [vertical(x(zero), height - AXIS_HEIGHT, "zero")]),
    ...(isJoined ? joints(rows, x) : []),
    ...rows.flatMap((row, index) => rowElements(row, index * ROW_HEIGHT, x)),
  );
}

/**
 * How far below the top of its row a dot stands.
 * @param {number} seed
 */
const heightOf = (seed) => DOT_Y + HEIGHTS[seed % HEIGHTS.length];

/**
 * The range of the axis: all dots, and the intervals as far as they are not much wider, since that of two runs can be a
 * hundred times as wide.
 * @param {Row[]} rows
 * @param {number[]} others Further values in the range.
 * @returns {Range}
 */
function rangeOfRows(rows, others) {
  const dots = rangeOf(...rows.map((row) => row.dots.map(({ value }) => value)), others) ?? { low: 0, high: 1 };
  const ends = rangeOf(...rows.map(({ interval }) => interval ?? [])) ?? dots;
  const most = dots.high - dots.low;
  const low = Math.max(Math.min(dots.low, ends.low), dots.low - most);
  const high = Math.min(Math.max(dots.high, ends.high), dots.high + most);
  const room = (high - low) * 0.06 || Math.abs(high) * 0.001 || 0.001;
  return { low: low - room, high: high + room };
}

/**
 * @param {number} value
 * @param {Range} range
 */
function percentOf(value, { low, high }) {
  const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return `${((MARGIN + share * (1 - 2 * MARGIN)) * 100).toFixed(3)}%`;
}

/**
 * @param {Range} range
 * @param {{ height: number, format: (value: number) => string, x: (value: number) => string }} options
 */
function axis(range, { height, format, x }) {
  return linearTicks(range, TICKS).flatMap((tick) => [
    vertical(x(tick), height - AXIS_HEIGHT, "grid"),
    svg("text", { class: "tick", x: x(tick), y: height - 8, "text-anchor": "middle" }, format(tick)),
  ]);
}

/**
 * @param {string} x
 * @param {number} height
 * @param {string} name
 */
const vertical = (x, height, name) => svg("line", { class: name, x1: x, x2: x, y1: 0, y2: height });

/**
 * @param {Row} row
 * @param {number} top
 * @param {(value: number) => string} x
 */
function rowElements({ label, paint, dots, mean, interval }, top, x) {
  const y = top + INTERVAL_Y;
  return [
    svg("text", { class: "name", x: "0", y: top + 16 }, label),
    ...dots.map(({ seed, value, title }) =>
      svg("circle", { class: paint, cx: x(value), cy: top + heightOf(seed), r: DOT_RADIUS }, svg("title", {}, title)),
    ),
    ...(interval
      ? [svg("line", { class: `interval ${paint}`, x1: x(interval[0]), x2: x(interval[1]), y1: y, y2: y })]
      : []),
    ...(mean === null ? [] : [svg("circle", { class: `mean ${paint}`, cx: x(mean), cy: y, r: DOT_RADIUS + 1 })]),
  ];
}

/**
 * Lines between the dots of the same seed.
 * @param {Row[]} rows
 * @param {(value: number) => string} x
 */
const joints = (rows, x) =>
  rows.slice(1).flatMap((row, index) =>
    row.dots.flatMap((dot) => {
      const above = rows[index].dots.find(({ seed }) => seed === dot.seed);
      if (!above) return [];
      const [y1, y2] = [index, index + 1].map((row) => row * ROW_HEIGHT + heightOf(dot.seed));
      return [svg("line", { class: "joint", x1: x(above.value), x2: x(dot.value), y1, y2 })];
    }),
  );
