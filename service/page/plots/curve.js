// @ts-check
// Draws one curve of a plot.

import { colour } from "../ui/dom.js";
import { thinned } from "./thinning.js";

/**
 * @import { Curve, Layout } from "./picture.js"
 * @import { Scale } from "./scale.js"
 */

const DOT_RADIUS = 3.5;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Curve} curve
 * @param {Layout} layout
 */
export function drawCurve(context, curve, layout) {
  const { values, xOf = (i) => i + 1, paint, thickness = 1.5, opacity = 1, hasDots = false } = curve;
  const { toX, toY } = layout;
  const points = [...thinned(values, (i) => toX(xOf(i)))];
  context.save();
  clip(context, layout);
  context.strokeStyle = context.fillStyle = colour(paint);
  context.globalAlpha = opacity;
  context.lineWidth = thickness;
  context.lineJoin = "round";
  drawLines(context, points, toY);
  if (hasDots) drawDots(context, points, toY);
  context.restore();
}

/**
 * Keeps the curve between the axes, with room for a dot at the edge.
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 */
function clip(context, { left, right, bottom }) {
  context.beginPath();
  context.rect(left - 4, 0, right - left + 8, bottom + 4);
  context.clip();
}

/**
 * Connects the points; a value that is not finite interrupts the line.
 * @param {CanvasRenderingContext2D} context
 * @param {[x: number, value: number][]} points
 * @param {Scale} toY
 */
function drawLines(context, points, toY) {
  context.beginPath();
  let isPenDown = false;
  for (const [x, value] of points) {
    const isDrawable = Number.isFinite(value);
    if (isDrawable && isPenDown) context.lineTo(x, toY(value));
    else if (isDrawable) context.moveTo(x, toY(value));
    isPenDown = isDrawable;
  }
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {[x: number, value: number][]} points
 * @param {Scale} toY
 */
function drawDots(context, points, toY) {
  for (const [x, value] of points) {
    context.beginPath();
    context.arc(x, toY(value), DOT_RADIUS, 0, 2 * Math.PI);
    context.fill();
  }
}
