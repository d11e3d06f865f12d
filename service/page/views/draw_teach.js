// @ts-check
// Teaching: a job that learns the visitor's own digits, its loss while it trains, and what it reads afterwards.

import { get, Problem } from "../net/api.js";
import { followLog } from "../net/job_log.js";
import { hasEnded } from "../net/jobs.js";
import { hasScope } from "../net/own_key.js";
import { lossPicture, lossSentence } from "../plots/loss_picture.js";
import { LossSeries } from "../plots/loss_series.js";
import { Plot } from "../plots/plot.js";
import { diagnosticItem } from "../ui/diagnostics.js";
import { button, errorLine, h, panel } from "../ui/dom.js";
import { jobFailure, requestError } from "../ui/errors.js";
import { statusName } from "../ui/jobs.js";
import { t } from "../ui/words.js";
import { TeachingResult } from "./draw_teach_result.js";

/**
 * @import { OwnDigits } from "../net/own_digits.js"
 * @import { Job, JobEvent } from "../net/types.d.ts"
 * @import { Picture } from "../plots/picture.js"
 *
 * @typedef {object} Listeners
 * @property {(jobId: string) => void} onSteps Called when the job has newer weights.
 * @property {() => void} onUse Called when the visitor has made the result the live version.
 */

/** The job of the newest teaching in this tab. */
const STORAGE_KEY = "naivenet.teaching";
const NOT_FOUND = 404;

export class Teaching {
  isRunning = false;
  /** Whether the job had ended when the visitor came back: then another network may answer by now. */
  isOver = false;
  losses = new LossSeries(0.9);
  /** @type {number | null} */
  totalSteps = null;

  /**
   * @param {OwnDigits} digits
   * @param {AbortSignal} signal
   * @param {Listeners} listeners
   */
  constructor(digits, signal, listeners) {
    this.digits = digits;
    this.signal = signal;
    this.listeners = listeners;
    this.button = button(t("teach.start"), () => this.teach(), { class: "main", id: "teach" });
    this.status = h("p", { class: "hint", role: "status", id: "teaching" });
    this.error = errorLine();
    this.notices = h("ul", { class: "notices" });
    this.canvas = h("canvas", { class: "plot teaching", tabIndex: 0, role: "img", hidden: true });
    this.plot = new Plot(this.canvas, () => this.picture(), signal);
    this.result = new TeachingResult(digits.key, signal, () => listeners.onUse());
    const start = hasScope(digits.key, "train") ? this.button : h("p", {}, t("teach.needs_train"));
    const parts = [
      h("p", { class: "hint" }, t("teach.lead")),
      start,
      this.status,
      this.error,
      this.notices,
      this.canvas,
    ];
    this.element = panel(t("teach.title"), parts, this.result.element);
    this.showButton();
  }

  /** A disabled button would lose the keyboard's focus. */
  showButton() {
    this.button.setAttribute("aria-disabled", String(this.isRunning || !this.digits.count));
  }

  async teach() {
    if (this.isRunning) return;
    if (!this.digits.count) return this.showStatus(t("teach.no_digits"));
    await this.show(() => this.digits.teach());
  }

  /** Shows the teaching again that the visitor left for another view. */
  async resume() {
    const id = sessionStorage.getItem(STORAGE_KEY);
    if (id) await this.show(() => get(`v1/jobs/${id}`, { signal: this.signal }).catch(forgetDeleted));
  }

  /** @param {() => Promise<Job>} job Starts the job, or finds it. */
  async show(job) {
    this.begin();
    try {
      await this.watch(await job());
    } catch (error) {
      if (!this.signal.aborted) this.error.textContent = requestError(error);
    } finally {
      this.isRunning = false;
      this.showButton();
    }
  }

  begin() {
    this.isRunning = true;
    this.losses = new LossSeries(0.9);
    this.error.textContent = "";
    this.notices.replaceChildren();
    this.showStatus("");
    this.result.clear();
    this.showButton();
  }

  /**
   * Follows the job to its end.
   * @param {Job} job
   */
  async watch(job) {
    sessionStorage.setItem(STORAGE_KEY, job.id);
    this.isOver = hasEnded(job);
    this.canvas.hidden = false;
    this.plot.refresh();
    this.totalSteps = job.progress.total_steps;
    this.showStatus(t("teach.status", { status: statusName(job.status) }));
    this.result.readBefore(job);
    await followLog(job.id, {
      signal: this.signal,
      onEvents: (events) => this.receive(job.id, events),
      onConnection: (isConnected) => isConnected || this.showStatus(t("watch.disconnected")),
    });
    if (!this.signal.aborted) await this.end(await get(`v1/jobs/${job.id}`, { signal: this.signal }));
  }

  /**
   * @param {string} jobId
   * @param {JobEvent[]} events
   */
  receive(jobId, events) {
    for (const { type, data } of events) {
      if (type === "steps") this.losses.push(data.losses.slice(Math.max(0, this.losses.length - data.first_step + 1)));
      else if (type === "epoch") this.result.addEpoch(data);
      else if (type === "diagnostic") this.notices.append(diagnosticItem(data));
      else if (type === "status" && !hasEnded(data))
        this.showStatus(t("teach.status", { status: statusName(data.status) }));
    }
    this.plot.refresh();
    if (this.losses.length && !this.isOver) this.listeners.onSteps(jobId);
  }

  /** @param {Job} job */
  async end(job) {
    if (job.error) this.error.textContent = jobFailure(job.error);
    this.showStatus(t("teach.status", { status: statusName(job.status) }));
    if (job.status !== "succeeded") return;
    if (!this.isOver) this.listeners.onSteps(job.id);
    await this.result.show(job);
  }

  /** @param {string} text */
  showStatus(text) {
    this.status.textContent = text;
  }

  /** @returns {Picture} */
  picture() {
    this.canvas.setAttribute("aria-label", lossSentence(this.losses));
    return lossPicture(this.losses, this.totalSteps);
  }
}

/**
 * @param {unknown} error
 * @returns {never}
 */
function forgetDeleted(error) {
  if (error instanceof Problem && error.status === NOT_FOUND) sessionStorage.removeItem(STORAGE_KEY);
  throw error;
}
