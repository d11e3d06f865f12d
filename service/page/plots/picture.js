// @ts-check
// What a plot shows, as its view describes it, and how that maps to the pixels of the canvas.

import { linearScale, logScale, logTicks, rangeOf, roundLogRange, roundRange } from "./scale.js";

/**
 * @import { Range, Scale } from "./scale.js"
 *
 * @typedef {object} Curve
 * @property {ArrayLike<number> & Iterable<number>} values NaN interrupts the curve.
 * @property {(index: number) => number} [xOf] The x value of a point; by default 1, 2, 3 and so on.
 * @property {string} paint A colour of the style sheet.
 * @property {number} [thickness] In pixels.
 * @property {number} [opacity]
 * @property {number[]} [dash] The lengths of its dashes and gaps, in pixels.
 * @property {ArrayLike<number>} [bandTo] The other edge of a band that is filled.
 * @property {boolean} [hasDots] Whether each point is drawn as a dot.
 * @property {number} [best] The index of the point with a ring around it.
 *
 * @typedef {object} Sign Something that happened, marked at the upper edge.
 * @property {number} x
 * @property {"change" | "warning"} kind
 * @property {string} text Shown beside the plot while the cursor is near.
 *
 * @typedef {object} Level A dashed horizontal line.
 * @property {number} y
 * @property {string} text
 *
 * @typedef {object} Picture
 * @property {Range} x
 * @property {string} xTitle
 * @property {string} yTitle
 * @property {Curve[]} curves
 * @property {number[]} [marks] The x values of the dashed vertical lines.
 * @property {Sign[]} [signs]
 * @property {Level[]} [levels]
 * @property {boolean} [isLogarithmic] Whether the y axis is logarithmic.
 * @property {boolean} [isShare] Whether the y values are shares, which are written as percentages.
 * @property {number} [floor] The lowest y value; by default that of the curves.
 * @property {number} [ceiling] The highest y value; by default that of the curves.
 * @property {string} emptyText Shown while there are no values.
 *
 * @typedef {object} Size The canvas, in pixels of the style sheet, and how large its text and lines are.
 * @property {number} width
 * @property {number} height
 * @property {number} zoom
 *
 * @typedef {object} Box The rectangle between the axes, in pixels.
 * @property {number} left
 * @property {number} right
 * @property {number} top
 * @property {number} bottom
 *
 * @typedef {Size & Box & { x: Range, yTicks: number[], toX: Scale, toY: Scale }} Layout
 */

/** A y axis has about so many ticks; on a low plot fewer, so that each has so many pixels. */
const Y_TICKS = 5;
const TICK_ROOM = 19;
const MARGIN = { left: 54, right: 14, top: 30, bottom: 44 };

/**
 * The rectangle between the axes.
 * @param {Size} size
 * @returns {Box}
 */
export const boxOf = ({ width, height, zoom }) => ({
  left: MARGIN.left * zoom,
  right: width - MARGIN.right * zoom,
  top: MARGIN.top * zoom,
  bottom: height - MARGIN.bottom * zoom,
});

/**
 * Where everything lies on the canvas, or null where no curve has a value.
 * @param {Picture} picture
 * @param {Size} size
 * @returns {Layout | null}
 */
export function layoutOf(picture, size) {
  const box = boxOf(size);
  const room = Math.floor((box.bottom - box.top) / (TICK_ROOM * size.zoom));
  const y = verticalRange(picture, Math.max(1, Math.min(Y_TICKS, room)));
  if (!y) return null;
  const x = wide(picture.x);
  const toX = linearScale(x, box.left, box.right);
  const toY = (picture.isLogarithmic ? logScale : linearScale)(y, box.bottom, box.top);
  return { ...size, ...box, x, yTicks: y.ticks, toX, toY };
}

/**
 * A range of a single number gets room at both sides, so that it is in the middle.
 * @param {Range} range
 * @returns {Range}
 */
export const wide = ({ low, high }) => (low < high ? { low, high } : { low: low - 0.5, high: high + 0.5 });

/**
 * The range of the y axis with its ticks.
 * @param {Picture} picture
 * @param {number} tickCount
 */
function verticalRange({ curves, levels = [], isLogarithmic, floor, ceiling }, tickCount) {
  const range = rangeOf(...curves.map(({ values }) => values));
  if (!range) return null;
  const ys = levels.map(({ y }) => y);
  const low = Math.min(range.low, ...ys);
  const high = Math.max(range.high, ...ys);
  if (isLogarithmic) {
    const round = roundLogRange({ low: Math.max(low, 1e-6), high: Math.max(high, 1e-6) });
    return { ...round, ticks: logTicks(round) };
  }
  const ends = { low: floor ?? low, high: Math.min(ceiling ?? high, high) };
  const smallest = Math.abs(ends.high) * 1e-6 || 1e-6;
  return roundRange({ low: Math.min(ends.low, ends.high - smallest), high: ends.high }, tickCount);
}
