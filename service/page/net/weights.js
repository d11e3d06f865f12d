// The weight list of a checkpoint, out of its safetensors file: a JSON header, and the numbers after it.

import { getBytes } from "./api.js";

/** `[{ W, b, inputs, units }]`, first layer first. */
export async function weightsOf(checkpointId) {
  const bytes = await getBytes(`v1/checkpoints/${checkpointId}/weights`);
  const length = Number(new DataView(bytes).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, length)));
  const tensor = ({ data_offsets: [from, to] }) => new Float32Array(bytes.slice(8 + length + from, 8 + length + to));
  const layers = [];
  for (let layer = 0; header[`layers.${layer}.W`]; layer++) {
    const W = header[`layers.${layer}.W`];
    layers.push({ W: tensor(W), b: tensor(header[`layers.${layer}.b`]), inputs: W.shape[0], units: W.shape[1] });
  }
  return layers;
}

/** The weights into one unit. */
export const intoUnit = ({ W, inputs, units }, unit) => Float32Array.from({ length: inputs }, (_, i) => W[i * units + unit]);
