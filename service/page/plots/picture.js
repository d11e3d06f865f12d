// @ts-check
// What a plot shows, as its view describes it, and how that maps to the pixels of the canvas.

import { linearScale, logScale, rangeOf } from "./scale.js";

/**
 * @import { Range, Scale } from "./scale.js"
 *
 * @typedef {object} Curve
 * @property {ArrayLike<number> & Iterable<number>} values NaN interrupts the curve.
 * @property {(index: number) => number} [xOf] The x value of a point; by default 1, 2, 3 and so on.
 * @property {string} paint A colour of the style sheet.
 * @property {number} [thickness] In pixels.
 * @property {number} [opacity]
 * @property {boolean} [hasDots] Whether each point is drawn as a dot.
 *
 * @typedef {object} Picture
 * @property {Range} x
 * @property {Curve[]} curves
 * @property {number[]} [marks] The x values of the dashed vertical lines.
 * @property {boolean} [isLogarithmic] Whether the y axis is logarithmic.
 * @property {number} [floor] The lowest y value; by default that of the curves.
 * @property {number} [ceiling] The highest y value; by default a little above the curves.
 * @property {(value: number, digits: number) => string} [format] Writes the numbers beside the y axis.
 * @property {string} emptyText Shown while there are no values.
 *
 * @typedef {object} Size The canvas, in pixels of the style sheet.
 * @property {number} width
 * @property {number} height
 *
 * @typedef {object} Box The rectangle between the axes, in pixels.
 * @property {number} left
 * @property {number} right
 * @property {number} top
 * @property {number} bottom
 *
 * @typedef {Size & Box & { y: Range, toX: Scale, toY: Scale }} Layout
 */

const MARGIN = { left: 52, right: 14, top: 12, bottom: 30 };

/**
 * The rectangle between the axes.
 * @param {Size} size
 * @returns {Box}
 */
export const boxOf = ({ width, height }) => ({
  left: MARGIN.left,
  right: width - MARGIN.right,
  top: MARGIN.top,
  bottom: height - MARGIN.bottom,
});

/**
 * Where everything lies on the canvas, or null where no curve has a value.
 * @param {Picture} picture
 * @param {Size} size
 * @returns {Layout | null}
 */
export function layoutOf(picture, size) {
  const y = verticalRange(picture);
  if (!y) return null;
  const box = boxOf(size);
  const toX = linearScale(picture.x, box.left, box.right);
  const toY = (picture.isLogarithmic ? logScale : linearScale)(y, box.bottom, box.top);
  return { ...size, ...box, y, toX, toY };
}

/**
 * @param {Picture} picture
 * @returns {Range | null}
 */
function verticalRange({ curves, isLogarithmic, floor, ceiling }) {
  const range = rangeOf(...curves.map(({ values }) => values));
  if (!range) return null;
  if (isLogarithmic) return { low: Math.max(range.low, 1e-6) * 0.9, high: Math.max(range.high, 1e-6) * 1.1 };
  const low = floor ?? range.low;
  const high = ceiling ?? range.high;
  const room = ceiling === undefined ? (high - low) * 0.04 : 0;
  return { low: Math.min(low, high - 1e-9), high: high + room };
}
