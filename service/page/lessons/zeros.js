// @ts-check
// All weights start at zero. No unit of the hidden layer ever gives anything but 0, so no gradient reaches a weight:
// only the ten biases learn.

import { network, oneEpoch, sgd } from "./networks.js";
import { lastEpoch, runOf, share } from "./readings.js";

/** @type {import("./readings.js").Lesson} */
export const zeros = {
  name: "zeros",
  arms: [
    { name: "zeros", body: oneEpoch(sgd(0.3), network(128, { initializer: { name: "zeros" } })) },
    { name: "random", body: oneEpoch(sgd(0.3), network(128)) },
  ],
  seconds: 6,
  plot: "steps",
  question: {
    choices: ["chance", "half", "most"],
    read(runs) {
      const run = runOf(runs, "zeros");
      const accuracy = run && lastEpoch(run)?.test_accuracy;
      if (!run || typeof accuracy !== "number") return null;
      const answer = accuracy < 0.2 ? "chance" : accuracy < 0.8 ? "half" : "most";
      return { answer, figures: { accuracy: share(accuracy) }, run: run.id };
    },
  },
  terms: ["initial_weights", "unit", "gradient", "chance_level"],
  chapter: "initial_weights",
  book: "02_mathematical-building-blocks",
};
