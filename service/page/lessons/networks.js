// @ts-check
// What the jobs of several lessons share, as in the body of a job.

const GLOROT = { name: "glorot_uniform" };

/**
 * One hidden layer and ten outputs.
 * @param {number} units
 * @param {{ activation?: string, output?: string, initializer?: { name: string } }} [options]
 */
export const network = (units, { activation = "relu", output = "softmax", initializer = GLOROT } = {}) => ({
  layers: [
    { units, activation, initializer },
    { units: 10, activation: output, initializer },
  ],
});

/** @param {number} rate */
export const adam = (rate) => ({ name: "adam", learning_rate: rate });

/** @param {number} rate */
export const sgd = (rate) => ({ name: "sgd", learning_rate: rate, momentum: 0, nesterov: false });

/**
 * The body of a job that trains for one epoch.
 * @param {Record<string, any>} optimizer
 * @param {ReturnType<typeof network>} layers
 */
export const oneEpoch = (optimizer, layers) => ({ epochs: 1, shuffle: true, optimizer, network: layers });
