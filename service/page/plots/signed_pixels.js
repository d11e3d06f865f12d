// @ts-check
// Paints numbers as a 28×28 image: orange above zero, blue below, and the more opaque the further from zero.

import { rangeOf } from "./scale.js";

/** The width and height of an MNIST image, in pixels. */
export const IMAGE_SIDE = 28;

const ORANGE = [251, 146, 60];
const BLUE = [96, 165, 250];

/**
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number> & Iterable<number>} values One number per pixel, row by row.
 */
export function paintSignedPixels(canvas, values) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(IMAGE_SIDE, IMAGE_SIDE);
  const { low, high } = rangeOf(values) ?? { low: 0, high: 0 };
  const furthest = Math.max(Math.abs(low), Math.abs(high)) || 1;
  for (let i = 0; i < values.length; i++) {
    const opacity = Math.abs(values[i]) / furthest;
    image.data.set([...(values[i] > 0 ? ORANGE : BLUE), 255 * opacity], i * 4);
  }
  context.putImageData(image, 0, 0);
}
