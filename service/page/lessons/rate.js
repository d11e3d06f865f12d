// @ts-check
// A learning rate of 50: the first step throws the weights so far that the softmax is saturated and stays so.

import { network, oneEpoch, sgd } from "./networks.js";
import { endedRunOf, finalLoss, plain } from "./readings.js";

/** @type {import("./readings.js").Lesson} */
export const rate = {
  name: "rate",
  arms: [
    { name: "usual", body: oneEpoch(sgd(0.3), network(128)) },
    { name: "fifty", body: oneEpoch(sgd(50), network(128)) },
  ],
  seconds: 6,
  plot: "steps",
  tryArm: 1,
  question: {
    choices: ["falls", "rises", "infinite"],
    read(runs) {
      const run = endedRunOf(runs, "fifty");
      if (!run?.losses.length) return null;
      const [first, last] = [run.losses[0], finalLoss(run)];
      const figures = { first: plain(first), last: plain(last) };
      const answer = last === null || first === null ? "infinite" : last > first ? "rises" : "falls";
      return { answer, figures, run: run.id };
    },
  },
  terms: ["learning_rate", "step", "loss", "softmax"],
  chapter: "optimizers",
  book: "02_mathematical-building-blocks",
};
