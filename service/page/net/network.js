// @ts-check
// A network as the API shows it: its layers, and the weights between some of its units.

import { get } from "./api.js";

/** @import { NetworkWeights } from "./types.d.ts" */

/** The number of pixels that a network reads. */
export const PIXELS = 784;

/** How many units of a layer are shown at most. */
export const MOST_UNITS = 16;

/**
 * The newest weights of a job or a checkpoint.
 * @param {string} source Such as `jobs/job_…` or `checkpoints/ckpt_…`.
 * @param {AbortSignal} signal
 * @returns {Promise<NetworkWeights>}
 */
export const readNetwork = (source, signal) => get(`v1/${source}/network?most=${MOST_UNITS}&pictures=true`, { signal });

/**
 * The weights of a picture of the API: a signed byte each, times a scale. Null where they are not finite.
 * @param {{ scale: number | null, data: string | null } | undefined} picture
 */
export function weightsOfPicture(picture) {
  if (!picture?.data || picture.scale === null) return null;
  const { scale } = picture;
  const bytes = Uint8Array.from(atob(picture.data), (character) => character.charCodeAt(0));
  return Float32Array.from(new Int8Array(bytes.buffer), (byte) => byte * scale);
}

/**
 * The number of inputs, weights and biases of each layer.
 * @param {{ units: number }[]} layers
 */
export const layerSizes = (layers) =>
  layers.map(({ units }, index) => ({ inputs: index ? layers[index - 1].units : PIXELS, units }));

/**
 * How many parameters a network has: a weight for each pair of units, and a bias for each unit.
 * @param {{ units: number }[]} layers
 */
export const countParameters = (layers) =>
  layerSizes(layers).reduce((sum, { inputs, units }) => sum + inputs * units + units, 0);

/**
 * The next power of two, to size a layer in steps.
 * @param {number} units
 * @param {1 | -1} direction
 * @param {number} most
 */
export function nextSize(units, direction, most) {
  const power = direction > 0 ? Math.floor(Math.log2(units)) + 1 : Math.ceil(Math.log2(units)) - 1;
  return Math.min(most, Math.max(1, 2 ** power));
}

/**
 * A size to which a handle is drawn: at most sixteen between a power of two and the next one.
 * @param {number} units
 */
export function roundSize(units) {
  const step = 2 ** Math.max(0, Math.floor(Math.log2(units)) - 4);
  return Math.round(units / step) * step;
}
