// @ts-check
// Draws the axes of a plot: grid lines, numbers, epoch marks and the cursor.

import { colour } from "../ui/dom.js";
import { number } from "../ui/format.js";
import { linearTicks, logTicks } from "./scale.js";

/** @import { Layout, Picture } from "./picture.js" */

const Y_TICKS = 5;
const PIXELS_PER_X_TICK = 130;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 * @param {Layout} layout
 */
export function drawAxes(context, picture, layout) {
  drawYAxis(context, picture, layout);
  drawXAxis(context, picture, layout);
  context.strokeStyle = colour("mark");
  context.setLineDash([2, 4]);
  for (const x of picture.marks ?? []) drawVertical(context, x, layout);
  context.setLineDash([]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {Layout} layout
 */
export function drawCursor(context, x, layout) {
  context.strokeStyle = colour("faint");
  context.lineWidth = 1;
  drawVertical(context, x, layout);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 * @param {Layout} layout
 */
function drawYAxis(context, { isLogarithmic, format = number }, { left, right, y, toY }) {
  context.lineWidth = 1;
  context.strokeStyle = colour("line");
  context.fillStyle = colour("faint");
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const tick of isLogarithmic ? logTicks(y) : linearTicks(y, Y_TICKS)) {
    drawLine(context, [left, toY(tick)], [right, toY(tick)]);
    context.fillText(format(tick, 3), left - 8, toY(tick));
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 * @param {Layout} layout
 */
function drawXAxis(context, { x }, { width, height, toX }) {
  context.textBaseline = "alphabetic";
  context.textAlign = "center";
  const count = Math.max(2, Math.round(width / PIXELS_PER_X_TICK));
  for (const tick of linearTicks(x, count).filter(Number.isInteger)) {
    const label = number(tick);
    const rightmost = width - context.measureText(label).width / 2 - 2;
    context.fillText(label, Math.min(toX(tick), rightmost), height - 10);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {Layout} layout
 */
const drawVertical = (context, x, { toX, top, bottom }) => drawLine(context, [toX(x), top], [toX(x), bottom]);

/**
 * @param {CanvasRenderingContext2D} context
 * @param {[x: number, y: number]} from
 * @param {[x: number, y: number]} to
 */
function drawLine(context, from, to) {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}
