// @ts-check
// Draws the axes of a plot: titles, grid lines, numbers, and what is marked on them.

import { colour } from "../ui/dom.js";
import { axisNumber, number } from "../ui/format.js";
import { wholeTicks } from "./scale.js";

/** @import { Layout, Picture, Sign } from "./picture.js" */

const PIXELS_PER_X_TICK = 80;
const SIGN_SIZE = 6;

/** @type {Record<Sign["kind"], string>} The colours of the signs; their shapes differ too. */
const SIGN_PAINTS = { change: "third", warning: "bad" };

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 * @param {Layout} layout
 */
export function drawAxes(context, picture, layout) {
  context.lineWidth = layout.zoom;
  drawTitles(context, picture, layout);
  drawYAxis(context, picture, layout);
  drawXAxis(context, layout);
  context.strokeStyle = colour("mark");
  context.setLineDash([2, 4]);
  for (const x of picture.marks ?? []) drawVertical(context, x, layout);
  context.setLineDash([]);
}

/**
 * Draws what happened, at the upper edge: a change as a diamond, a warning as a triangle.
 * @param {CanvasRenderingContext2D} context
 * @param {Sign[]} signs
 * @param {Layout} layout
 */
export function drawSigns(context, signs, layout) {
  const size = SIGN_SIZE * layout.zoom;
  for (const { x, kind } of signs) {
    context.strokeStyle = context.fillStyle = colour(SIGN_PAINTS[kind]);
    context.lineWidth = layout.zoom;
    drawVertical(context, x, layout);
    const [centre, y] = [layout.toX(x), layout.top];
    context.beginPath();
    context.moveTo(centre, y - size);
    context.lineTo(centre + size, kind === "change" ? y : y + size);
    if (kind === "change") context.lineTo(centre, y + size);
    context.lineTo(centre - size, kind === "change" ? y : y + size);
    context.fill();
  }
}

/**
 * Draws dashed horizontal lines with their texts.
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 * @param {Layout} layout
 */
export function drawLevels(context, { levels = [] }, { left, right, zoom, toY }) {
  context.strokeStyle = context.fillStyle = colour("ink");
  context.textAlign = "right";
  context.textBaseline = "bottom";
  context.lineWidth = 1.5 * zoom;
  context.setLineDash([8, 5]);
  for (const { y, text } of levels) {
    drawLine(context, [left, toY(y)], [right, toY(y)]);
    context.fillText(text, right - 4, toY(y) - 3);
  }
  context.setLineDash([]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {Layout} layout
 */
export function drawCursor(context, x, layout) {
  context.strokeStyle = colour("faint");
  context.lineWidth = layout.zoom;
  drawVertical(context, x, layout);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 * @param {Layout} layout
 */
function drawTitles(context, { xTitle, yTitle }, { left, right, height, zoom }) {
  context.fillStyle = colour("faint");
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  context.fillText(yTitle, 4 * zoom, 13 * zoom);
  context.textAlign = "center";
  context.fillText(xTitle, (left + right) / 2, height - 6 * zoom);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 * @param {Layout} layout
 */
function drawYAxis(context, { isLogarithmic, isShare }, { left, right, yTicks, zoom, toY }) {
  const step = Number((yTicks[1] - yTicks[0]).toPrecision(6));
  const format = isLogarithmic ? shortNumber : axisNumber(step, { isShare });
  context.strokeStyle = colour("line");
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const tick of yTicks) {
    drawLine(context, [left, toY(tick)], [right, toY(tick)]);
    context.fillText(format(tick), left - 8 * zoom, toY(tick));
  }
}

/** @param {number} value */
const shortNumber = (value) => number(value, 3);

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 */
function drawXAxis(context, { x, left, right, width, height, zoom, toX }) {
  context.textBaseline = "alphabetic";
  context.textAlign = "center";
  const count = Math.max(2, Math.round((right - left) / (PIXELS_PER_X_TICK * zoom)));
  for (const tick of wholeTicks(x, count)) {
    const label = number(tick);
    const rightmost = width - context.measureText(label).width / 2 - 2;
    context.fillText(label, Math.min(toX(tick), rightmost), height - 24 * zoom);
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
