// @ts-check
// Which optimizer: at one rate for all, SGD is far behind Adam; with a rate of its own it is not.

import { adam, network, oneEpoch, sgd } from "./networks.js";
import { accuraciesOf, mean, points, runOf, share } from "./readings.js";

const SEEDS = 3;

/** @param {Record<string, any>} optimizer */
const body = (optimizer) => oneEpoch(optimizer, network(128));

/** @type {import("./readings.js").Lesson} */
export const optimizer = {
  name: "optimizer",
  arms: [
    { name: "adam", body: body(adam(0.001)) },
    { name: "same", body: body(sgd(0.001)) },
    { name: "own", body: body(sgd(0.5)) },
  ],
  seeds: SEEDS,
  isExperiment: true,
  seconds: 25,
  plot: "steps",
  tryArm: 2,
  question: {
    choices: ["far", "behind", "level"],
    read(runs) {
      const [first, same, own] = ["adam", "same", "own"].map((arm) => accuraciesOf(runs, arm, SEEDS));
      if (!first || !same || !own) return null;
      const gap = mean(first) - mean(own);
      const answer = gap > 0.1 ? "far" : gap > 0.01 ? "behind" : "level";
      const figures = {
        adam: share(mean(first)),
        same: share(mean(same)),
        own: share(mean(own)),
        gap: points(mean(first) - mean(same)),
      };
      return { answer, figures, run: /** @type {any} */ (runOf(runs, "own")).id };
    },
  },
  terms: ["optimizer", "learning_rate", "arm", "seed"],
  chapter: "optimizers",
  book: "02_mathematical-building-blocks",
};
