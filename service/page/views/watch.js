// @ts-check
// The view of a job while it trains: its whole log from the first entry on, and each new entry as it arrives.

import { get } from "../net/api.js";
import { chanceFor } from "../net/chance.js";
import { followLog } from "../net/job_log.js";
import { chooseJob, hasEnded, neverTrained } from "../net/jobs.js";
import { repeat } from "../net/timing.js";
import { Announcements, epochSentence } from "../ui/announcements.js";
import { diagnosticItem, diagnosticText } from "../ui/diagnostics.js";
import { fill, h, refill } from "../ui/dom.js";
import { jobFailure, requestError } from "../ui/errors.js";
import { number } from "../ui/format.js";
import { jobControls } from "../ui/job_controls.js";
import { jobChooser, noJobs, statusName, whyUntrained } from "../ui/jobs.js";
import { reportButton } from "../ui/report.js";
import { runLine } from "../ui/run_line.js";
import { runTabs } from "../ui/run_tabs.js";
import { t } from "../ui/words.js";
import { AccuracyPanel } from "./watch_accuracy.js";
import { AdviceButtons } from "./watch_advice.js";
import { codeDetails } from "./watch_code.js";
import { EpochTable } from "./watch_epochs.js";
import { showFacts } from "./watch_facts.js";
import { LossPanel } from "./watch_loss.js";
import { RunName } from "./watch_name.js";
import { Verdict } from "./watch_verdict.js";

/** @import { ChangeData, DiagnosticData, EpochPoint, Job, JobEvent, StatusData } from "../net/types.d.ts" */

const POLL_MS = 1000;

/**
 * Shows a job, or the newest one where the address names none.
 * @param {HTMLElement} root
 * @param {string} id
 * @param {AbortSignal} signal
 */
export async function watch(root, id, signal) {
  const choice = await chooseJob(id, signal);
  if (!choice) return void fill(root, h("h1", {}, t("watch.title")), noJobs());
  const view = new WatchView(choice.job, signal);
  fill(root, view.head(choice.jobs), view.body());
  view.start();
}

class WatchView {
  /**
   * @param {Job} job
   * @param {AbortSignal} signal
   */
  constructor(job, signal) {
    this.job = job;
    this.signal = signal;
    this.name = new RunName(job, (changed) => this.showJob(changed));
    this.status = h("span", { id: "state" });
    this.verdict = new Verdict(this.status, signal);
    this.advice = new AdviceButtons(
      () => this.job,
      (changed) => this.showJob(changed),
      signal,
    );
    this.announcements = new Announcements(signal);
    this.line = h("p", { class: "run-line" });
    this.disconnected = h("p", { class: "link", role: "status", hidden: true });
    this.controls = h("div", { class: "controls" });
    this.progress = h("progress", { max: 1, value: 0, "aria-label": t("watch.progress") });
    this.facts = h("dl", { class: "facts" });
    this.notices = h("ul", { class: "notices", id: "diagnostics" });
    this.loss = new LossPanel(signal);
    this.accuracy = new AccuracyPanel(signal);
    this.epochs = new EpochTable();
    this.untrained = h("p", { class: "lead", id: "untrained", hidden: true });
    this.curves = h("div", { class: "curves" }, this.loss.element, this.perEpoch());
  }

  perEpoch() {
    return h("div", { class: "two" }, this.accuracy.element, this.epochs.element);
  }

  /** @param {Job[]} jobs */
  head(jobs) {
    return [
      runTabs(this.job, "watch"),
      h("div", { class: "head" }, this.name.element, this.status, jobChooser("watch", jobs, this.job, this.signal)),
      this.line,
    ];
  }

  body() {
    return [
      this.disconnected,
      this.verdict.element,
      this.controls,
      this.progress,
      this.facts,
      this.untrained,
      this.notices,
      this.curves,
      h("div", { class: "buttons" }, reportButton(`v1/jobs/${this.job.id}`)),
      codeDetails(() => this.job, this.signal),
    ];
  }

  /** Shows the job as it is, and from now on whatever changes. */
  start() {
    this.showJob(this.job);
    repeat(POLL_MS, () => this.poll(), this.signal);
    addEventListener("serviceback", () => this.poll(), { signal: this.signal });
    followLog(this.job.id, {
      signal: this.signal,
      onEvents: (events) => this.receive(events),
      onConnection: () => {}, // the page shows that the service does not respond
    }).catch((error) => {
      this.disconnected.hidden = false;
      this.disconnected.textContent = requestError(error);
    });
  }

  /** Reads the job again, for its progress; the log has no entry for each step of it. */
  async poll() {
    if (hasEnded(this.job)) return;
    const job = await this.readJob();
    if (job) this.showJob(job);
  }

  /**
   * The job as it is now, or null when it cannot be read: the log's connection reports that to the visitor.
   * @returns {Promise<Job | null>}
   */
  readJob() {
    return get(`v1/jobs/${this.job.id}`, { signal: this.signal }).catch(() => null);
  }

  /** @param {JobEvent[]} events */
  receive(events) {
    for (const event of events) this.receiveOne(event);
    this.loss.refresh();
  }

  /** @param {JobEvent} event */
  receiveOne({ type, data }) {
    if (type === "steps") this.loss.addSteps(data);
    else if (type === "epoch") this.addEpoch(data);
    else if (type === "change") this.addChange(data);
    else if (type === "diagnostic") this.addDiagnostic(data);
    else if (type === "status") this.changeStatus(data);
  }

  /** @param {EpochPoint} epoch */
  addEpoch(epoch) {
    this.loss.addEpoch(epoch);
    this.accuracy.addEpoch(epoch);
    this.epochs.add(epoch);
    if (hasEnded(this.job)) return;
    this.announcements.say(epochSentence(epoch));
  }

  /** @param {ChangeData} change */
  addChange(change) {
    const text = changeText(change);
    this.loss.addMark({ step: change.step, kind: "change", text });
    this.notices.append(h("li", { class: "change" }, text));
  }

  /** @param {DiagnosticData} diagnostic */
  addDiagnostic(diagnostic) {
    this.verdict.add(diagnostic);
    this.loss.addMark({ step: diagnostic.step ?? 1, kind: "warning", text: diagnosticText(diagnostic) });
    this.notices.append(diagnosticItem(diagnostic, this.advice.for(diagnostic)));
    if (!hasEnded(this.job)) this.announcements.warn(diagnosticText(diagnostic));
  }

  /** @param {StatusData} change */
  async changeStatus({ status, reason }) {
    if (reason) this.notices.append(h("li", { class: "warning" }, jobFailure(reason)));
    if (status === this.job.status && !hasEnded({ status })) return;
    const job = await this.readJob();
    if (job) this.showJob(job);
  }

  /** @param {Job} job */
  showJob(job) {
    const isChanged = this.job.status !== job.status;
    this.job = job;
    this.loss.totalSteps = job.progress.total_steps;
    this.accuracy.totalEpochs = job.epochs;
    const { step, total_steps: total } = job.progress;
    this.progress.value = total ? step / total : 0;
    this.line.textContent = runLine(job);
    showFacts(this.facts, job, this.epochs.last);
    if (isChanged || !this.controls.hasChildNodes()) this.showStatus(job, isChanged);
  }

  /**
   * @param {Job} job
   * @param {boolean} isChanged Whether it had another status before.
   */
  showStatus(job, isChanged) {
    this.showVerdict(job, isChanged);
    this.advice.update();
    refill(this.controls, ...jobControls(job, (changed) => this.showJob(changed)));
    const isUntrained = neverTrained(job);
    for (const each of [this.curves, this.progress, this.facts]) each.hidden = isUntrained;
    this.untrained.hidden = !isUntrained;
    this.untrained.textContent = isUntrained ? whyUntrained(job) : "";
    if (job.error && !this.notices.querySelector(".failure")) {
      this.notices.append(h("li", { class: "warning failure" }, jobFailure(job.error)));
    }
  }

  /**
   * Shows the status, or that the run learned nothing; announces it if it is new.
   * @param {Job} job
   * @param {boolean} isChanged
   */
  async showVerdict(job, isChanged) {
    const sentence = await this.verdict.show(job);
    this.accuracy.showChance(chanceFor(job));
    const status = [t("watch.status_changed", { status: statusName(job.status) }), sentence].filter(Boolean).join(" ");
    if (isChanged) this.announcements.end(status);
  }
}

const CHANGEABLE = /** @type {const} */ (["learning_rate", "momentum"]);

/**
 * A change of the optimizer as a sentence.
 * @param {ChangeData} change
 */
function changeText(change) {
  const changed = CHANGEABLE.filter((name) => typeof change[name] === "number");
  const changes = changed.map((name) => `${t(`parameter.${name}`)} ${number(change[name])}`).join(", ");
  return t("watch.changed", { step: change.step, changes });
}
