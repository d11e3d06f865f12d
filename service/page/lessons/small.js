// @ts-check
// Too small a network: everything that it knows of an image must pass through two numbers. It fails on the training
// images as on the test images, which is the opposite of overfitting.

import { adam, network } from "./networks.js";
import { endedRunOf, lastEpoch, share } from "./readings.js";

/** From how many percentage points on one set counts as read better than the other. */
const PLAIN = 0.1;

/** @param {number} units */
const body = (units) => ({
  epochs: 3,
  shuffle: true,
  optimizer: adam(0.003),
  network: network(units, { activation: "tanh" }),
});

/** @type {import("./readings.js").Lesson} */
export const small = {
  name: "small",
  arms: [
    { name: "two", body: body(2) },
    { name: "many", body: body(128) },
  ],
  seconds: 8,
  plot: "steps",
  question: {
    choices: ["train", "both", "test"],
    read(runs) {
      const run = endedRunOf(runs, "two");
      const { train_accuracy: train, test_accuracy: test } = (run && lastEpoch(run)) ?? {};
      if (!run || typeof train !== "number" || typeof test !== "number") return null;
      const answer = train > test + PLAIN ? "train" : test > train + PLAIN ? "test" : "both";
      return { answer, figures: { train: share(train), test: share(test) }, run: run.id };
    },
  },
  terms: ["layer", "unit", "test_images", "train_images"],
  chapter: "layer",
  book: "05_fundamentals-of-ml",
};
