// @ts-check
// A network's pictures of 28×28 pixels: the one that it reads, and the weights from the pixels into its units.

import { h } from "../ui/dom.js";
import { IMAGE_SIDE, paintSignedPixels } from "./signed_pixels.js";

/**
 * The picture that a network reads.
 * @param {ArrayLike<number> | number[][] | string | null} input Numbers from 0 to 1, or a data URL.
 * @returns {Promise<HTMLCanvasElement | null>}
 */
export async function inputImage(input) {
  if (input === null) return null;
  const canvas = h("canvas", { width: IMAGE_SIDE, height: IMAGE_SIDE });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  if (typeof input === "string") {
    const image = h("img", { src: input, alt: "" });
    await image.decode();
    context.drawImage(image, 0, 0);
  } else {
    context.putImageData(greyPixels(/** @type {number[]} */ (Array.from(/** @type {any} */ (input)).flat())), 0, 0);
  }
  return canvas;
}

/** @param {number[]} values */
function greyPixels(values) {
  const image = new ImageData(IMAGE_SIDE, IMAGE_SIDE);
  for (let i = 0; i < values.length; i++) image.data.set([...Array(3).fill(255 * values[i]), 255], i * 4);
  return image;
}

/**
 * Weights as an image; *canvas* is used again.
 * @param {Float32Array | null} weights
 * @param {HTMLCanvasElement | null} [canvas]
 */
export function weightsImage(weights, canvas) {
  if (!weights) return null;
  const image = canvas ?? h("canvas", { width: IMAGE_SIDE, height: IMAGE_SIDE });
  paintSignedPixels(image, weights);
  return image;
}
