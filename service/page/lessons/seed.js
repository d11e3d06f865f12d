// @ts-check
// The seed: five runs that differ in nothing else, and their results do.

import { network, oneEpoch, sgd } from "./networks.js";
import { accuraciesOf, points, share } from "./readings.js";

const SEEDS = 5;

/** @type {import("./readings.js").Lesson} */
export const seed = {
  name: "seed",
  arms: [{ name: "equal", body: oneEpoch(sgd(0.3), network(16)) }],
  seeds: SEEDS,
  seconds: 12,
  plot: "steps",
  question: {
    choices: ["none", "little", "much"],
    read(runs) {
      const values = accuraciesOf(runs, "equal", SEEDS);
      if (!values) return null;
      const [lowest, highest] = [Math.min(...values), Math.max(...values)];
      const spread = highest - lowest;
      const answer = spread === 0 ? "none" : spread < 0.002 ? "little" : "much";
      const worst = runs[values.indexOf(lowest)];
      return {
        answer,
        figures: { lowest: share(lowest), highest: share(highest), spread: points(spread) },
        run: worst.id,
      };
    },
  },
  terms: ["seed", "initial_weights", "batch_size", "experiment"],
  chapter: "seeds",
  book: "05_fundamentals-of-ml",
};
