// @ts-check
// No softmax: the ten outputs are no probabilities. The loss clips them, and there its gradient is 0.

import { network, oneEpoch, sgd } from "./networks.js";
import { endedRunOf, finalLoss, lastEpoch, plain, share } from "./readings.js";

/** A loss that a network which learns is below; guessing has ln 10 = 2.303. */
const LEARNT = 2;

/** @type {import("./readings.js").Lesson} */
export const softmax = {
  name: "softmax",
  arms: [
    { name: "with", body: oneEpoch(sgd(0.3), network(128)) },
    { name: "without", body: oneEpoch(sgd(0.3), network(128, { output: "linear" })) },
  ],
  seconds: 6,
  plot: "steps",
  tryArm: 1,
  question: {
    choices: ["low", "guessing", "infinite"],
    read(runs) {
      const run = endedRunOf(runs, "without");
      if (!run?.losses.length) return null;
      const last = finalLoss(run);
      const answer = last === null ? "infinite" : last < LEARNT ? "low" : "guessing";
      return { answer, figures: { last: plain(last), accuracy: share(lastEpoch(run)?.test_accuracy) }, run: run.id };
    },
  },
  terms: ["softmax", "activation", "loss", "gradient"],
  chapter: "activation",
  book: "02_mathematical-building-blocks",
};
