// @ts-check
// The losses of all runs of a lesson in one chart, where several seeds train each arm: an arm has a colour, and where
// there is only one, each run.

import { paintOf } from "../plots/curve.js";
import { Plot } from "../plots/plot.js";
import { axisEnd, robustHigh } from "../plots/scale.js";
import { h, setLabel } from "../ui/dom.js";
import { number } from "../ui/format.js";
import { t } from "../ui/words.js";

/**
 * @import { Lesson } from "../lessons/readings.js"
 * @import { Curve, Picture } from "../plots/picture.js"
 * @import { LessonRun } from "./lesson_run.js"
 */

export class LessonCurves {
  /**
   * @param {Lesson} lesson
   * @param {LessonRun[]} runs
   * @param {AbortSignal} signal
   */
  constructor({ name, arms }, runs, signal) {
    const armNames = arms.map((arm) => arm.name);
    this.runs = runs;
    this.paintOf = (/** @type {LessonRun} */ run) =>
      paintOf(arms.length > 1 ? armNames.indexOf(run.log.arm) : runs.indexOf(run));
    const legend =
      arms.length > 1
        ? armNames.map((arm, index) => [paintOf(index), t(`lesson.${name}.arm.${arm}`)])
        : runs.map((run) => [this.paintOf(run), run.title]);
    const keys = legend.map(([paint, text]) => h("span", { class: `key ${paint}` }, text));
    this.canvas = h("canvas", { class: "plot", id: "lesson-curves", tabIndex: 0, role: "img" });
    this.element = h("section", { class: "panel lesson-curves" }, this.canvas, h("p", { class: "legend" }, keys));
    this.plot = new Plot(this.canvas, () => this.picture(), signal);
  }

  refresh() {
    const ends = this.runs.map(({ title, smoothed }) => `${title}: ${number(smoothed.smooth.at(-1), 3)}`);
    setLabel(this.canvas, `${t("watch.loss")}. ${ends.join("; ")}`);
    this.plot.refresh();
  }

  /** @returns {Picture} */
  picture() {
    const losses = this.runs.map(({ smoothed }) => smoothed.smooth);
    const reached = Math.max(0, ...losses.map(({ length }) => length));
    const total = Math.max(reached, ...this.runs.map(({ job }) => job.progress.total_steps ?? 0));
    return {
      x: { low: 1, high: axisEnd({ reached, total, atLeast: 100 }) },
      xTitle: t("metric.step"),
      yTitle: t("watch.loss"),
      floor: 0,
      ceiling: Math.max(...losses.map((smooth) => robustHigh(smooth, smooth))),
      emptyText: t("watch.waiting"),
      curves: this.runs.map((run) => this.curve(run)),
    };
  }

  /**
   * @param {LessonRun} run
   * @returns {Curve}
   */
  curve(run) {
    return { values: run.smoothed.smooth, paint: this.paintOf(run), thickness: 2 };
  }
}
