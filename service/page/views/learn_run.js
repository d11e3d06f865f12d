// @ts-check
// A job of the Learn view: its loss as it falls, its accuracy as it grows, how far it is, what to try, and its result.

import { get, send } from "../net/api.js";
import { followLog } from "../net/job_log.js";
import { hasEnded, STEPS_BEFORE_ESTIMATE } from "../net/jobs.js";
import { repeat } from "../net/timing.js";
import { Announcements, epochSentence } from "../ui/announcements.js";
import { diagnosticItem, diagnosticText } from "../ui/diagnostics.js";
import { errorLine, fill, h } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { about, percent } from "../ui/format.js";
import { statusName } from "../ui/jobs.js";
import { t } from "../ui/words.js";
import { resultElements } from "./learn_result.js";
import { AccuracyPanel } from "./watch_accuracy.js";
import { AdviceButtons } from "./watch_advice.js";
import { LossPanel } from "./watch_loss.js";
import { Verdict } from "./watch_verdict.js";

/**
 * @import { DiagnosticData, EpochPoint, Job, JobEvent, Version } from "../net/types.d.ts"
 * @import { Next } from "./learn_result.js"
 *
 * @typedef {object} Listeners
 * @property {() => void} onWeights Called when the job has newer weights.
 * @property {() => void} onChange Called when the job's status has changed.
 */

const POLL_MS = 1000;

export class LearnRun {
  hasWeights = false;
  /** @type {EpochPoint | null} */
  epoch = null;
  #ending = new AbortController();

  /**
   * @param {Job} job
   * @param {AbortSignal} signal
   * @param {Listeners} listeners
   */
  constructor(job, signal, listeners) {
    this.job = job;
    this.signal = AbortSignal.any([signal, this.#ending.signal]);
    this.listeners = listeners;
    this.announcements = new Announcements(this.signal);
    this.badge = h("span");
    this.verdict = new Verdict(this.badge, this.signal);
    const onAdvice = (/** @type {Job} */ changed) => this.show(changed);
    this.advice = new AdviceButtons(() => this.job, onAdvice, this.signal, "learn");
    this.loss = new LossPanel(this.signal);
    this.accuracy = new AccuracyPanel(this.signal);
    this.progress = h("progress", { max: 1, value: 0, "aria-label": t("watch.progress") });
    this.state = h("p", { id: "learn-state" });
    this.error = errorLine();
    this.notices = h("ul", { class: "notices", id: "diagnostics" });
    this.result = h("div", { class: "learn-result", id: "learn-result" });
    const link = h("a", { href: `#/watch/${job.id}` }, t("learn.watch"));
    const state = h("div", { class: "learn-state" }, this.badge, this.state);
    this.element = h(
      "div",
      { class: "learn-run" },
      h("div", { class: "learn-head" }, state, this.progress, link),
      this.error,
      this.verdict.element,
      this.result,
      this.notices,
      this.loss.element,
      this.accuracy.element,
    );
  }

  get isTraining() {
    return !hasEnded(this.job);
  }

  /** Follows the job's log to its end. */
  follow() {
    this.verdict.show(this.job);
    this.show(this.job);
    repeat(POLL_MS, () => this.poll(), this.signal);
    const onConnection = (/** @type {boolean} */ isConnected) => {
      this.error.textContent = isConnected ? "" : t("watch.disconnected");
    };
    followLog(this.job.id, { signal: this.signal, onEvents: (events) => this.receive(events), onConnection }).catch(
      (error) => {
        if (!this.signal.aborted) this.error.textContent = requestError(error);
      },
    );
  }

  /** Ends the requests and listeners of this job, because another one is shown. */
  end() {
    this.#ending.abort();
  }

  async cancel() {
    this.error.textContent = "";
    try {
      this.show(await send("POST", `v1/jobs/${this.job.id}/cancel`));
    } catch (error) {
      this.error.textContent = requestError(error);
    }
  }

  async poll() {
    if (!this.isTraining) return;
    const job = await get(`v1/jobs/${this.job.id}`, { signal: this.signal }).catch(() => null);
    if (job) this.show(job);
  }

  /** @param {JobEvent[]} events */
  receive(events) {
    for (const event of events) this.receiveOne(event);
    this.loss.refresh();
    if (events.some(({ type }) => type === "steps")) {
      this.hasWeights = true;
      this.listeners.onWeights();
    }
  }

  /** @param {JobEvent} event */
  receiveOne({ type, data }) {
    if (type === "steps") this.loss.addSteps(data);
    else if (type === "epoch") this.addEpoch(data);
    else if (type === "diagnostic") this.addDiagnostic(data);
    else if (type === "status") this.poll();
  }

  /** @param {EpochPoint} epoch */
  addEpoch(epoch) {
    this.epoch = epoch;
    this.loss.addEpoch(epoch);
    this.accuracy.addEpoch(epoch);
    this.showState();
    if (this.isTraining) this.announcements.say(epochSentence(epoch));
  }

  /** @param {DiagnosticData} diagnostic */
  addDiagnostic(diagnostic) {
    this.verdict.add(diagnostic);
    this.notices.append(diagnosticItem(diagnostic, this.advice.for(diagnostic)));
    if (this.isTraining) this.announcements.warn(diagnosticText(diagnostic));
  }

  /** @param {Job} job */
  show(job) {
    const isOther = job.status !== this.job.status;
    this.job = job;
    this.loss.totalSteps = job.progress.total_steps;
    this.accuracy.totalEpochs = job.epochs;
    this.showState();
    if (!isOther) return;
    this.advice.update();
    this.verdict.show(job);
    this.announcements.end(t("watch.status_changed", { status: statusName(job.status) }));
    this.listeners.onChange();
  }

  /** Says how far the job is, and how much of the test images it reads. */
  showState() {
    const { status, progress, epochs, queue_position: place } = this.job;
    const { step, total_steps: total, estimated_finish_at: end } = progress;
    this.progress.value = total ? step / total : 0;
    this.progress.hidden = !this.isTraining;
    const parts = [];
    if (status === "queued") parts.push(place ? t("learn.place", { place }) : "");
    else if (progress.epoch) parts.push(t("learn.epoch", { epoch: progress.epoch, epochs }));
    if (this.epoch) parts.push(t("learn.reads", { share: percent(this.epoch.test_accuracy) }));
    const isKnown = end && this.isTraining && step >= STEPS_BEFORE_ESTIMATE;
    if (isKnown) parts.push(t("learn.left", { time: about((Date.parse(end) - Date.now()) / 1000) }));
    this.state.textContent = parts.filter(Boolean).join(" · ");
  }

  /**
   * Says what the job has reached, once it has ended and what chance explains has been read.
   * @param {{ live: Version | null, before: Job | null }} others
   * @param {Next} next
   */
  async showResult(others, next) {
    await this.verdict.show(this.job);
    if (!this.signal.aborted) fill(this.result, resultElements(this, others, next));
  }
}
