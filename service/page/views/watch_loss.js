// @ts-check
// The loss of each step, as it is and smoothed, with its controls.

import { LossSeries } from "../plots/loss_series.js";
import { markedEpochs } from "../plots/marks.js";
import { Plot } from "../plots/plot.js";
import { axisEnd } from "../plots/scale.js";
import { h, uniqueId } from "../ui/dom.js";
import { number } from "../ui/format.js";
import { t } from "../ui/words.js";

/**
 * @import { EpochPoint, StepsData } from "../net/types.d.ts"
 * @import { Picture } from "../plots/picture.js"
 */

/** The slider's value s means the weight 1 - 10^-s: 1.7 stands for 0.98. */
const FIRST_SMOOTHING = 1.7;

export class LossPanel {
  /** @type {number | null} The job's number of steps, once it is known. */
  totalSteps = null;
  isLogarithmic = false;
  losses = new LossSeries();
  /** @type {number[]} The last step of each epoch. */
  epochEnds = [];

  /** @param {AbortSignal} signal */
  constructor(signal) {
    this.canvas = h("canvas", { class: "plot", tabIndex: 0, role: "img", id: "loss" });
    this.readout = h("p", { class: "readout", id: "readout" });
    this.plot = new Plot(this.canvas, () => this.picture(), signal);
    this.plot.onCursor = () => this.showReadout();
    const head = h("div", { class: "panel-head" }, h("h2", {}, t("watch.loss")), legend(), this.settings());
    this.element = h("section", { class: "panel" }, head, this.canvas, this.readout);
  }

  /** @param {StepsData} steps May begin with steps that are already there. */
  addSteps({ first_step: first, losses }) {
    this.losses.push(losses.slice(Math.max(0, this.losses.length - first + 1)));
  }

  /** @param {EpochPoint} epoch */
  addEpoch({ step }) {
    this.epochEnds.push(step);
  }

  refresh() {
    this.plot.refresh();
    this.showReadout();
  }

  /** @returns {Picture} */
  picture() {
    const { losses, isLogarithmic } = this;
    const steps = losses.length;
    this.canvas.setAttribute("aria-label", t("watch.loss.description", { steps, loss: losses.smooth.at(-1) ?? NaN }));
    return {
      x: { low: 1, high: axisEnd({ reached: steps, total: this.totalSteps ?? steps, atLeast: 200 }) },
      isLogarithmic,
      floor: isLogarithmic ? undefined : 0,
      emptyText: t("watch.waiting"),
      marks: markedEpochs(this.epochEnds.length).map((epoch) => this.epochEnds[epoch - 1]),
      curves: [
        { values: losses.values, paint: "curve", thickness: 1, opacity: 0.35 },
        { values: losses.smooth, paint: "curve", thickness: 2.2 },
      ],
    };
  }

  /** Writes the loss at the cursor, or else of the last step. */
  showReadout() {
    const { values, smooth, length } = this.losses;
    if (!length) return;
    const step = Math.min(length, Math.round(this.plot.cursor ?? length));
    const [loss, smoothed] = [number(values[step - 1]), number(smooth[step - 1])];
    this.readout.textContent = t("watch.point", { step, loss, smoothed });
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
    const box = h("input", {
      type: "checkbox",
      id: uniqueId("setting"),
      onchange: (event) => this.setLogarithmic(event.target.checked),
    });
    const sliderLabel = h("label", { htmlFor: slider.id }, t("watch.smoothing"));
    const boxLabel = h("label", { htmlFor: box.id }, t("watch.logarithmic"));
    return h("div", { class: "knobs" }, sliderLabel, slider, box, boxLabel);
  }

  /** @param {number} smoothing */
  smooth(smoothing) {
    this.losses.smoothWith(1 - 10 ** -smoothing);
    this.plot.refresh();
  }

  /** @param {boolean} isLogarithmic */
  setLogarithmic(isLogarithmic) {
    this.isLogarithmic = isLogarithmic;
    this.plot.refresh();
  }
}

const legend = () =>
  h(
    "p",
    { class: "legend" },
    h("span", { class: "key pale" }, t("watch.each_step")),
    h("span", { class: "key a" }, t("watch.smoothed")),
    h("span", { class: "key dash" }, t("watch.epoch_end")),
  );
