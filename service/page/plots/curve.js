// @ts-check
// Draws one curve of a plot.

import { colour } from "../ui/dom.js";
import { thinned } from "./thinning.js";

/**
 * @import { Curve, Layout } from "./picture.js"
 * @import { Scale } from "./scale.js"
 */

/** The colours of the curves of a plot, as service/charts has them. */
const COLOURS = ["curve", "second", "third", "fourth", "fifth", "sixth"];

/**
 * The colour of the curve with that number from 0; a seventh has the first one again.
 * @param {number} index
 */
export const paintOf = (index) => COLOURS[index % COLOURS.length];

/**
 * How often all colours were used before the curve with that number; dashes set the rounds apart.
 * @param {number} index
 */
export const roundOf = (index) => Math.floor(index / COLOURS.length);

const DOT_RADIUS = 3.5;
const RING_RADIUS = 7;
const MANY_POINTS = 500;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Curve} curve
 * @param {Layout} layout
 */
export function drawCurve(context, curve, layout) {
  const { values, xOf = (i) => i + 1, paint, thickness = 1.5, opacity = 1, hasDots, best, dash = [] } = curve;
  const { toX, toY, zoom } = layout;
  const points = [...thinned(values, (i) => toX(xOf(i)))];
  context.save();
  clip(context, layout);
  context.strokeStyle = context.fillStyle = colour(paint);
  context.globalAlpha = opacity;
  const isNoise = thickness <= 1 && points.length > MANY_POINTS; // a hairline: a wider one is slow to draw
  context.lineWidth = isNoise ? thickness : thickness * zoom;
  context.lineJoin = "round";
  context.setLineDash(dash.map((length) => length * zoom));
  drawLines(context, points, toY);
  if (hasDots) drawDots(context, points, layout);
  if (best !== undefined) drawRing(context, [toX(xOf(best)), toY(values[best])], zoom);
  context.restore();
}

/**
 * Keeps the curve between the axes, with room for a dot at the edge.
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 */
function clip(context, { left, right, top, bottom, zoom }) {
  const room = (RING_RADIUS + 1) * zoom;
  context.beginPath();
  context.rect(left - room, top - room, right - left + 2 * room, bottom - top + 2 * room);
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
 * @param {Layout} layout
 */
function drawDots(context, points, { toY, zoom }) {
  for (const [x, value] of points) {
    context.beginPath();
    context.arc(x, toY(value), DOT_RADIUS * zoom, 0, 2 * Math.PI);
    context.fill();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {[x: number, y: number]} centre
 * @param {number} zoom
 */
function drawRing(context, centre, zoom) {
  context.lineWidth = 2 * zoom;
  context.strokeStyle = colour("ink");
  context.beginPath();
  context.arc(...centre, RING_RADIUS * zoom, 0, 2 * Math.PI);
  context.stroke();
}
