// @ts-check
// A run of a lesson: its loss as it trains, its metrics, and what the service noticed.

import { followLog } from "../net/job_log.js";
import { lossPicture, lossSentence } from "../plots/loss_picture.js";
import { LossSeries } from "../plots/loss_series.js";
import { Plot } from "../plots/plot.js";
import { diagnosticItem } from "../ui/diagnostics.js";
import { errorLine, fill, h } from "../ui/dom.js";
import { jobFailure, requestError } from "../ui/errors.js";
import { number, percent } from "../ui/format.js";
import { badge } from "../ui/jobs.js";
import { term } from "../ui/term.js";
import { t } from "../ui/words.js";

/**
 * @import { Lesson, Run } from "../lessons/readings.js"
 * @import { EpochPoint, Job, JobEvent } from "../net/types.d.ts"
 * @import { Curve, Picture } from "../plots/picture.js"
 */

export class LessonRun {
  /** @type {Run} */
  log;
  smoothed = new LossSeries(0.9);

  /**
   * @param {Lesson} lesson
   * @param {string} arm
   * @param {Job} job
   * @param {AbortSignal} signal
   * @param {() => void} onChange Called when the log has more.
   */
  constructor(lesson, arm, job, signal, onChange) {
    this.lesson = lesson;
    this.job = job;
    this.signal = signal;
    this.onChange = onChange;
    this.log = { id: job.id, arm, status: "queued", epochs: [], losses: [], diagnostics: [] };
    this.title = t(`lesson.${lesson.name}.arm.${arm}`) + (lesson.seeds ? ` · ${t("run.seed")} ${job.seed}` : "");
    this.head = h("p", { class: "panel-head" });
    this.values = { epoch: h("dd"), loss: h("dd"), accuracy: h("dd") };
    this.notices = h("ul", { class: "notices" });
    this.error = errorLine();
    this.canvas = h("canvas", { class: "plot lesson-plot", tabIndex: 0, role: "img" });
    /** Null where one chart shows all runs of the lesson. */
    this.plot = lesson.seeds ? null : new Plot(this.canvas, () => this.picture(), signal);
    this.element = h(
      "section",
      { class: "panel lesson-run", "data-arm": arm },
      h("h2", {}, this.title),
      this.head,
      this.plot && this.canvas,
      lesson.plot === "epochs" && legend(),
      this.facts(),
      this.notices,
      this.error,
    );
    this.showHead();
    this.showFacts();
  }

  /** Reads the log to its end. An error is shown beside the run, and does not stop the other runs. */
  async follow() {
    try {
      await followLog(this.job.id, {
        signal: this.signal,
        onEvents: (events) => this.receive(events),
        onConnection: (isConnected) => {
          this.error.textContent = isConnected ? "" : t("watch.disconnected");
        },
      });
    } catch (error) {
      if (!this.signal.aborted) this.error.textContent = requestError(error);
    }
  }

  /** @param {JobEvent[]} events */
  receive(events) {
    for (const event of events) this.add(event);
    this.showFacts();
    this.plot?.refresh();
    this.onChange();
  }

  /** @param {JobEvent} event */
  add({ type, data }) {
    const { log } = this;
    if (type === "steps") {
      const fresh = data.losses.slice(Math.max(0, log.losses.length - data.first_step + 1));
      log.losses.push(...fresh);
      this.smoothed.push(fresh);
    } else if (type === "epoch") log.epochs.push(data);
    else if (type === "diagnostic") {
      log.diagnostics.push(data);
      this.notices.append(diagnosticItem(data));
    } else if (type === "status") {
      log.status = data.status;
      this.showHead();
      if (data.reason && data.status === "failed") this.error.textContent = jobFailure(data.reason);
    }
  }

  showHead() {
    const { id } = this.job;
    const label = t("lessons.log_of", { run: this.title });
    fill(this.head, badge(this.log.status), h("a", { href: `#/watch/${id}`, "aria-label": label }, t("lessons.log")));
  }

  facts() {
    const { epoch, loss, accuracy } = this.values;
    return h(
      "dl",
      { class: "facts" },
      h("div", {}, h("dt", {}, term("epoch")), epoch),
      h("div", {}, h("dt", {}, term("loss")), loss),
      h("div", {}, h("dt", {}, term("accuracy", t("metric.test_accuracy"))), accuracy),
    );
  }

  /** Changes the numbers only, so that a focused term keeps the focus. */
  showFacts() {
    const last = this.log.epochs.at(-1);
    this.values.epoch.textContent = `${number(last?.epoch ?? 0)} / ${number(this.job.epochs)}`;
    this.values.loss.textContent = number(this.smoothed.smooth.at(-1), 3);
    this.values.accuracy.textContent = percent(last?.test_accuracy, 2);
  }

  /** @returns {Picture} */
  picture() {
    this.canvas.setAttribute("aria-label", `${this.title}. ${lossSentence(this.smoothed)}`);
    if (this.lesson.plot === "epochs") return this.epochPicture(this.log.epochs);
    return lossPicture(this.smoothed, this.job.progress.total_steps);
  }

  /**
   * @param {EpochPoint[]} epochs
   * @returns {Picture}
   */
  epochPicture(epochs) {
    const curve = (/** @type {"train_loss" | "test_loss"} */ metric, /** @type {string} */ paint) =>
      /** @type {Curve} */ ({
        values: epochs.map((epoch) => epoch[metric] ?? NaN),
        xOf: (i) => epochs[i].epoch,
        paint,
        thickness: 2,
        hasDots: true,
      });
    return {
      x: { low: 1, high: this.job.epochs },
      xTitle: t("metric.epoch"),
      yTitle: t("watch.loss"),
      floor: 0,
      emptyText: t("watch.waiting"),
      curves: [curve("train_loss", "curve"), curve("test_loss", "second")],
    };
  }
}

const legend = () =>
  h(
    "p",
    { class: "legend" },
    h("span", { class: "key a" }, t("metric.train_loss")),
    h("span", { class: "key b" }, t("metric.test_loss")),
  );
