// @ts-check
// The accuracy of each epoch, on the training images and on the test images.

import { haveDots } from "../plots/marks.js";
import { Plot } from "../plots/plot.js";
import { axisEnd } from "../plots/scale.js";
import { h, panel, setLabel, setText } from "../ui/dom.js";
import { percent } from "../ui/format.js";
import { term } from "../ui/term.js";
import { t } from "../ui/words.js";

/**
 * @import { EpochPoint } from "../net/types.d.ts"
 * @import { Curve, Picture } from "../plots/picture.js"
 */

/** The accuracy of guessing one of ten digits, until it is known how many the training images have. */
const GUESS_OF_TEN = 0.1;

/** With all accuracies above this, the axis does not start at zero: there would be little to see. */
const HIGH = 0.5;

export class AccuracyPanel {
  totalEpochs = 1;
  guess = GUESS_OF_TEN;
  /** @type {EpochPoint[]} */
  epochs = [];

  /** @param {AbortSignal} signal */
  constructor(signal) {
    this.canvas = h("canvas", { class: "plot small", tabIndex: 0, role: "img", id: "accuracy" });
    this.readout = h("p", { class: "readout", id: "accuracy-readout" });
    this.note = h("p", { class: "hint", hidden: true }, t("watch.cut_axis"));
    this.plot = new Plot(this.canvas, () => this.picture(), signal);
    this.plot.onCursor = () => this.showReadout();
    this.element = panel(term("accuracy", t("watch.accuracy")), legend(), this.canvas, this.readout, this.note);
  }

  /** @param {EpochPoint} epoch */
  addEpoch(epoch) {
    this.epochs.push(epoch);
    this.plot.refresh();
    this.showReadout();
  }

  /**
   * Draws the line of chance where guessing is.
   * @param {import("../net/chance.js").Chance | null} chance
   */
  showChance(chance) {
    this.guess = chance?.guess ?? GUESS_OF_TEN;
    this.plot.refresh();
  }

  /** The line of chance, while the newest accuracy is near it. */
  levels() {
    const { guess } = this;
    const last = this.epochs.at(-1)?.test_accuracy ?? 1;
    const isNear = last < Math.min(2 * guess, (1 + guess) / 2);
    return isNear ? [{ y: guess, text: t("watch.chance", { value: percent(guess, 0) }) }] : [];
  }

  /** @returns {Picture} */
  picture() {
    const { epochs } = this;
    const reached = epochs.at(-1)?.epoch ?? 1;
    const curves = [this.curve("train_accuracy", "curve"), this.curve("test_accuracy", "second")];
    const accuracies = curves.flatMap(({ values }) => values.filter(Number.isFinite));
    const isCut = accuracies.length > 0 && Math.min(...accuracies) > HIGH;
    this.note.hidden = !isCut;
    curves[1].best = this.best();
    this.describe(curves[1].best);
    return {
      x: { low: epochs[0]?.epoch ?? 1, high: axisEnd({ reached, total: this.totalEpochs, atLeast: 4 }) },
      xTitle: t("metric.epoch"),
      yTitle: t("watch.accuracy"),
      isShare: true,
      floor: isCut ? undefined : 0,
      emptyText: t("watch.waiting"),
      levels: this.levels(),
      curves,
    };
  }

  /**
   * @param {"train_accuracy" | "test_accuracy"} metric
   * @param {string} paint
   * @returns {Curve & { values: number[] }}
   */
  curve(metric, paint) {
    const { epochs } = this;
    return {
      values: epochs.map((epoch) => epoch[metric] ?? NaN),
      xOf: (i) => epochs[i].epoch,
      paint,
      thickness: 2,
      hasDots: haveDots(epochs.length, this.plot.width),
    };
  }

  /** The index of the epoch with the highest test accuracy. */
  best() {
    const accuracies = this.epochs.map(({ test_accuracy: accuracy }) => accuracy ?? -1);
    return accuracies.length ? accuracies.indexOf(Math.max(...accuracies)) : undefined;
  }

  /**
   * Writes the picture's text alternative.
   * @param {number | undefined} best
   */
  describe(best) {
    const [first, last] = [this.epochs[0], this.epochs.at(-1)];
    if (!first || !last || best === undefined) return setLabel(this.canvas, t("watch.accuracy"));
    const values = {
      epochs: this.epochs.length,
      first: percent(first.test_accuracy, 2),
      share: percent(last.test_accuracy, 2),
      best: percent(this.epochs[best].test_accuracy, 2),
      epoch: this.epochs[best].epoch,
    };
    setLabel(this.canvas, t("watch.accuracy.description", values));
  }

  /** Writes the accuracies at the cursor, or else of the last epoch. */
  showReadout() {
    const { cursor } = this.plot;
    const near = (/** @type {EpochPoint} */ { epoch }) => epoch === Math.round(cursor ?? 0);
    const epoch = this.epochs.find(near) ?? this.epochs.at(-1);
    if (!epoch) return;
    const [train, test] = [percent(epoch.train_accuracy, 2), percent(epoch.test_accuracy, 2)];
    setText(this.readout, t("watch.epoch_point", { epoch: epoch.epoch, train, test }));
  }
}

const legend = () =>
  h(
    "p",
    { class: "legend" },
    h("span", { class: "key a" }, t("metric.train_accuracy")),
    h("span", { class: "key b" }, t("metric.test_accuracy")),
    h("span", { class: "key ring" }, t("watch.best")),
  );
