// @ts-check
// The accuracy of each epoch, on the training images and on the test images.

import { MOST_MARKS } from "../plots/marks.js";
import { Plot } from "../plots/plot.js";
import { axisEnd } from "../plots/scale.js";
import { h, panel } from "../ui/dom.js";
import { percent } from "../ui/format.js";
import { t } from "../ui/words.js";

/**
 * @import { EpochPoint } from "../net/types.d.ts"
 * @import { Curve, Picture } from "../plots/picture.js"
 */

export class AccuracyPanel {
  totalEpochs = 1;
  /** @type {EpochPoint[]} */
  epochs = [];

  /** @param {AbortSignal} signal */
  constructor(signal) {
    this.canvas = h("canvas", { class: "plot small", tabIndex: 0, role: "img", id: "accuracy" });
    this.plot = new Plot(this.canvas, () => this.picture(), signal);
    this.plot.onCursor = (x) => this.showReadout(x);
    this.element = panel(t("watch.accuracy"), legend(), this.canvas);
  }

  /** @param {EpochPoint} epoch */
  addEpoch(epoch) {
    this.epochs.push(epoch);
    this.plot.refresh();
  }

  /** @returns {Picture} */
  picture() {
    const count = this.epochs.length;
    const share = percent(this.epochs.at(-1)?.test_accuracy);
    this.canvas.setAttribute("aria-label", t("watch.accuracy.description", { epochs: count, share }));
    return {
      x: { low: 1, high: axisEnd({ reached: count, total: this.totalEpochs, atLeast: 4 }) },
      ceiling: 1,
      emptyText: t("watch.waiting"),
      format: (value) => percent(value, 0),
      curves: [this.curve("train_accuracy", "curve"), this.curve("test_accuracy", "second")],
    };
  }

  /**
   * @param {"train_accuracy" | "test_accuracy"} metric
   * @param {string} paint
   * @returns {Curve}
   */
  curve(metric, paint) {
    const { epochs } = this;
    return {
      values: epochs.map((epoch) => epoch[metric] ?? NaN),
      xOf: (i) => epochs[i].epoch,
      paint,
      thickness: 2,
      hasDots: epochs.length <= MOST_MARKS,
    };
  }

  /**
   * Shows the accuracies at the cursor, or else of the last epoch, as the tooltip.
   * @param {number | null} x
   */
  showReadout(x) {
    const epoch = this.epochs[Math.round(x ?? this.epochs.length) - 1];
    if (!epoch) return;
    const [train, test] = [percent(epoch.train_accuracy), percent(epoch.test_accuracy)];
    this.canvas.title = t("watch.epoch_point", { epoch: epoch.epoch, train, test });
  }
}

const legend = () =>
  h(
    "p",
    { class: "legend" },
    h("span", { class: "key a" }, t("metric.train_accuracy")),
    h("span", { class: "key b" }, t("metric.test_accuracy")),
  );
