// @ts-check
// The small networks of the lessons, as in the body of a job.

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
