// @ts-check
// Fills the band between two curves of a plot, such as from the lowest to the highest run of a group.

import { colour } from "../ui/dom.js";

/** @import { Curve, Layout } from "./picture.js" */

const OPACITY = 0.16;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Curve} curve Its points are one edge, and `bandTo` the other.
 * @param {Layout} layout
 */
export function drawBand(context, { values, bandTo, xOf = (i) => i + 1, paint, opacity = 1 }, { toX, toY }) {
  if (!bandTo) return;
  const points = [...Array(values.length).keys()].filter((at) => Number.isFinite(values[at] + bandTo[at]));
  context.save();
  context.fillStyle = colour(paint);
  context.globalAlpha = OPACITY * Math.min(1, opacity * 4);
  context.beginPath();
  for (const at of points) context.lineTo(toX(xOf(at)), toY(values[at]));
  for (const at of points.reverse()) context.lineTo(toX(xOf(at)), toY(bandTo[at]));
  context.fill();
  context.restore();
}
