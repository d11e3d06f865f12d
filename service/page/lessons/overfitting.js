// @ts-check
// Overfitting on 600 training images: the training loss goes to 0, and the test loss soon rises.

import { adam, network } from "./networks.js";
import { endedRunOf, lastEpoch, plain } from "./readings.js";

/** @type {import("./readings.js").Lesson} */
export const overfitting = {
  name: "overfitting",
  arms: [
    {
      name: "few",
      body: {
        epochs: 25,
        batch_size: 20,
        shuffle: true,
        validation_split: 0.99,
        optimizer: adam(0.005),
        network: network(128),
      },
    },
  ],
  seconds: 10,
  plot: "epochs",
  question: {
    tolerance: 1,
    read(runs) {
      const run = endedRunOf(runs, "few");
      const losses = run?.epochs.map((epoch) => epoch.test_loss ?? Infinity) ?? [];
      if (!run || !losses.length) return null;
      const lowest = Math.min(...losses);
      const epoch = run.epochs[losses.indexOf(lowest)].epoch;
      const { test_loss: test, train_loss: train } = /** @type {any} */ (lastEpoch(run));
      const figures = { epoch: plain(epoch), lowest: plain(lowest), test: plain(test), train: plain(train) };
      return { answer: epoch, figures, run: run.id };
    },
  },
  terms: ["overfitting", "validation", "epoch", "early_stopping"],
  chapter: "loss",
  book: "05_fundamentals-of-ml",
};
