// @ts-check
// What a sweep shows: how much each field matters, and its curve.

import { Chart } from "../plots/chart.js";
import { fill, h, labelled, panel, select } from "../ui/dom.js";
import { percent } from "../ui/format.js";
import { term } from "../ui/term.js";
import { t } from "../ui/words.js";
import { labelOf } from "./compare_columns.js";

/** @import { ExperimentResult, SweepEffect } from "../net/experiment_types.d.ts" */

const FIGURES = ["effects", "best_so_far", "parallel"];
const CHART_HEIGHT = 380;

export class SweepPanel {
  figure = FIGURES[0];

  /**
   * @param {string} path The address of the experiment.
   * @param {AbortSignal} signal
   */
  constructor(path, signal) {
    this.path = path;
    this.chart = new Chart({ id: "sweep", label: t("sweep.title"), height: CHART_HEIGHT, signal });
    this.importance = h("ul", { class: "bars importance" });
    const figures = FIGURES.map((name) => /** @type {[string, string]} */ ([name, t(`sweep.${name}`)]));
    const choose = (/** @type {string} */ figure) => {
      this.figure = figure;
      this.#showChart();
    };
    const chooser = labelled(t("sweep.chart"), select(figures, this.figure, choose, { id: "sweep-figure" }));
    const hint = h("p", { class: "hint" }, t("sweep.hint"));
    this.element = panel(term("sweep", t("sweep.title")), hint, this.importance, chooser, this.chart.element);
    this.element.classList.add("stack");
    this.element.hidden = true;
  }

  /** @param {ExperimentResult} result */
  async show({ sweep }) {
    const hasEffects = Boolean(sweep?.effects.some(({ points }) => points.length));
    this.element.hidden = !hasEffects;
    if (!sweep || !hasEffects) return;
    fill(this.importance, sweep.effects.map(importanceItem));
    await this.#showChart();
  }

  async #showChart() {
    await this.chart.show(`${this.path}/sweep?figure=${this.figure}`).catch(() => this.chart.clear());
  }
}

/** @param {SweepEffect} effect */
function importanceItem({ pointer, importance }) {
  const bar = h("span", { class: "fill" });
  bar.style.inlineSize = `${(importance ?? 0) * 100}%`;
  return h(
    "li",
    {},
    h("span", { class: "name" }, labelOf(pointer)),
    h("span", { class: "track" }, bar),
    h("span", { class: "share" }, percent(importance, 0)),
  );
}
