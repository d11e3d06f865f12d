// @ts-check
// The loss of each step, as it is and smoothed, with its controls.

import { lossCurves, lossSentence } from "../plots/loss_picture.js";
import { LossSeries } from "../plots/loss_series.js";
import { haveDots, markedEpochs } from "../plots/marks.js";
import { Plot } from "../plots/plot.js";
import { axisEnd, CLIPPED, rangeOf, robustHigh } from "../plots/scale.js";
import { h, setLabel, setText, uniqueId } from "../ui/dom.js";
import { number } from "../ui/format.js";
import { term } from "../ui/term.js";
import { t } from "../ui/words.js";

/**
 * @import { EpochPoint, StepsData } from "../net/types.d.ts"
 * @import { Curve, Level, Picture } from "../plots/picture.js"
 */

/** The slider's value s means the weight 1 - 10^-s: 1.7 stands for 0.98. */
const FIRST_SMOOTHING = 1.7;

/** The loss of a network that guesses: it gives each of the ten digits the same probability. */
const CHANCE = Math.log(10);

/** The line of chance is drawn where, after so many steps, the loss is not below this share of it. */
const NEAR_CHANCE = 0.8;
const STEPS_BEFORE_CHANCE = 100;

export class LossPanel {
  /** @type {number | null} The job's number of steps, once it is known. */
  totalSteps = null;
  isLogarithmic = false;
  isWhole = false;
  losses = new LossSeries();
  /** @type {EpochPoint[]} */
  epochs = [];
  /** @type {Mark[]} */
  marks = [];

  /** @param {AbortSignal} signal */
  constructor(signal) {
    this.canvas = h("canvas", { class: "plot", tabIndex: 0, role: "img", id: "loss" });
    this.readout = h("p", { class: "readout", id: "readout" });
    this.note = h("p", { class: "hint", id: "loss-note", hidden: true });
    this.plot = new Plot(this.canvas, () => this.picture(), signal);
    this.plot.onCursor = () => this.showReadout();
    this.legend = h("p", { class: "legend" });
    const head = h(
      "div",
      { class: "panel-head" },
      h("h2", {}, term("loss", t("watch.loss"))),
      this.legend,
      this.settings(),
    );
    this.element = h("section", { class: "panel" }, head, this.canvas, this.readout, this.note);
  }

  /** @param {StepsData} steps May begin with steps that are already there. */
  addSteps({ first_step: first, losses }) {
    this.losses.push(losses.slice(Math.max(0, this.losses.length - first + 1)));
  }

  /** @param {EpochPoint} epoch */
  addEpoch(epoch) {
    this.epochs.push(epoch);
  }

  /**
   * Marks what happened at a step, with a sign above it.
   *
   * @typedef {{ step: number, kind: "change" | "warning", text: string }} Mark
   * @param {Mark} mark
   */
  addMark(mark) {
    this.marks.push(mark);
    this.refresh();
  }

  refresh() {
    this.plot.refresh();
    this.showReadout();
  }

  /** @returns {Picture} */
  picture() {
    const { losses, epochs, marks, isLogarithmic } = this;
    const steps = losses.length;
    const x = { low: 1, high: axisEnd({ reached: steps, total: this.totalSteps ?? steps, atLeast: 200 }) };
    const width = (this.plot.width * steps) / x.high;
    const test = this.testCurve(width);
    const ceiling = this.ceiling(test.values);
    this.describe(test.best);
    this.showLegend();
    return {
      x,
      xTitle: t("metric.step"),
      yTitle: t("watch.loss"),
      isLogarithmic,
      floor: isLogarithmic ? undefined : 0,
      ceiling,
      emptyText: t("watch.waiting"),
      marks: markedEpochs(epochs.length, width).map((epoch) => epochs[epoch - 1].step),
      signs: marks.map(({ step, ...rest }) => ({ x: step, ...rest })),
      levels: this.levels(),
      curves: [...lossCurves(losses), test],
    };
  }

  /**
   * The test loss at the end of each epoch, with a ring around the lowest.
   * @param {number} width
   * @returns {Curve & { values: number[] }}
   */
  testCurve(width) {
    const { epochs } = this;
    const values = epochs.map(({ test_loss: loss }) => loss ?? NaN);
    const finite = values.filter(Number.isFinite);
    const best = finite.length ? values.indexOf(Math.min(...finite)) : undefined;
    const xOf = (/** @type {number} */ i) => epochs[i].step;
    return { values, xOf, paint: "second", thickness: 2, hasDots: haveDots(values.length, width), best };
  }

  /**
   * Where a linear axis ends, if the first steps or a peak would flatten the rest; a line below the plot says so.
   * @param {number[]} testLosses
   */
  ceiling(testLosses) {
    const { values, smooth } = this.losses;
    const highest = rangeOf(values)?.high ?? 0;
    const ceiling = Math.max(robustHigh(values, smooth), ...testLosses.filter(Number.isFinite));
    const isClipped = !this.isLogarithmic && !this.isWhole && ceiling < highest * CLIPPED;
    this.note.hidden = !isClipped;
    if (isClipped) setText(this.note, t("watch.clipped", { highest: number(highest, 3) }));
    return isClipped ? ceiling : undefined;
  }

  /** @returns {Level[]} The line of chance, where the network is not better than that. */
  levels() {
    const { length, smooth } = this.losses;
    const isNear = length >= STEPS_BEFORE_CHANCE && (smooth.at(-1) ?? 0) > NEAR_CHANCE * CHANCE;
    return isNear ? [{ y: CHANCE, text: t("watch.chance", { value: number(CHANCE, 3) }) }] : [];
  }

  /**
   * Writes the picture's text alternative.
   * @param {number | undefined} best The index of the epoch with the lowest test loss.
   */
  describe(best) {
    const { losses, epochs, marks } = this;
    const sentences = [lossSentence(losses)];
    if (best !== undefined) {
      const { epoch, test_loss: lowest } = epochs[best];
      sentences.push(t("watch.loss.best", { loss: lowest, epoch, last: epochs.at(-1)?.test_loss }));
    }
    for (const { step, text } of marks) sentences.push(t("watch.mark", { step, text }));
    setLabel(this.canvas, sentences.join(" "));
  }

  showLegend() {
    const keys = [
      ["pale", "watch.each_step"],
      ["a", "watch.smoothed"],
      ...(this.epochs.length
        ? [
            ["b", "metric.test_loss"],
            ["ring", "watch.best"],
            ["dash", "watch.epoch_end"],
          ]
        : []),
      ...[...new Set(this.marks.map(({ kind }) => kind))].map((kind) => [kind, `sign.${kind}`]),
    ];
    if (this.legend.childElementCount === keys.length) return;
    this.legend.replaceChildren(...keys.map(([name, key]) => h("span", { class: `key ${name}` }, t(key))));
  }

  /** Writes the loss at the cursor, or else of the last step, and what happened there. */
  showReadout() {
    const { values, smooth, length } = this.losses;
    if (!length) return;
    const step = Math.min(length, Math.round(this.plot.cursor ?? length));
    const [loss, smoothed] = [number(values[step - 1]), number(smooth[step - 1])];
    const signs = this.plot.signsAtCursor().map(({ x, text }) => t("watch.mark", { step: x, text }));
    this.readout.textContent = [t("watch.point", { step, loss, smoothed }), ...signs].join(" · ");
  }

  settings() {
    const slider = h("input", {
      type: "range",
      min: 0,
      max: 3,
      step: 0.05,
      value: FIRST_SMOOTHING,
      id: uniqueId("setting"),
      oninput: (event) => this.smooth(Number(event.target.value)),
    });
    const sliderLabel = h("label", { htmlFor: slider.id }, t("watch.smoothing"));
    const logarithmic = this.#box("isLogarithmic", "log-scale", t("watch.logarithmic"));
    const whole = this.#box("isWhole", "whole-range", t("watch.whole"));
    return h("div", { class: "knobs" }, sliderLabel, slider, logarithmic, whole);
  }

  /**
   * A checkbox for a property.
   * @param {"isLogarithmic" | "isWhole"} property
   * @param {string} id
   * @param {string} label
   */
  #box(property, id, label) {
    const onchange = (/** @type {any} */ event) => {
      this[property] = event.target.checked;
      this.plot.refresh();
    };
    return h("span", {}, h("input", { type: "checkbox", id, onchange }), h("label", { htmlFor: id }, label));
  }

  /** @param {number} smoothing */
  smooth(smoothing) {
    this.losses.smoothWith(1 - 10 ** -smoothing);
    this.plot.refresh();
  }
}
