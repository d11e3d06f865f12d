// @ts-check
// Reads a checkpoint's weights from its safetensors file: a header length, a JSON header, then the raw numbers.

import { getBytes } from "./api.js";

/**
 * @typedef {object} LayerWeights
 * @property {Float32Array} W The weight matrix in row-major order, shape (inputs, units).
 * @property {Float32Array} b The bias, shape (units,).
 * @property {number} inputs
 * @property {number} units
 */

/**
 * The weights of a checkpoint, first layer first.
 * @param {string} checkpointId
 */
export async function readWeights(checkpointId) {
  const bytes = await getBytes(`v1/checkpoints/${checkpointId}/weights`);
  const headerLength = Number(new DataView(bytes).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, headerLength)));
  const start = 8 + headerLength;
  /** @param {{ data_offsets: [number, number] }} entry */
  const tensor = ({ data_offsets: [from, to] }) => new Float32Array(bytes.slice(start + from, start + to));
  /** @type {LayerWeights[]} */
  const layers = [];
  for (let i = 0; header[`layers.${i}.W`]; i++) {
    const W = header[`layers.${i}.W`];
    const [inputs, units] = W.shape;
    layers.push({ W: tensor(W), b: tensor(header[`layers.${i}.b`]), inputs, units });
  }
  return layers;
}

/**
 * The weights from all inputs into one unit: a column of the weight matrix.
 * @param {LayerWeights} layer
 * @param {number} unit
 */
export const weightsOfUnit = ({ W, inputs, units }, unit) =>
  Float32Array.from({ length: inputs }, (_, i) => W[i * units + unit]);
