// @ts-check
// The view of one training step: the batch, the predictions, the losses, the gradients and the update, each beside the
// line of `one_training_step` that did it. A button goes to the next step.

import { get, Problem, send } from "../net/api.js";
import { bodyOf } from "../net/job_body.js";
import { hasEnded, newestJobs } from "../net/jobs.js";
import { Newest, repeat } from "../net/timing.js";
import { announce, button, errorLine, fill, h } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { number, percent } from "../ui/format.js";
import { nameOf } from "../ui/jobs.js";
import { runTabs } from "../ui/run_tabs.js";
import { t } from "../ui/words.js";
import { batchPart, gradientPart, lossPart, predictionPart, updatePart } from "./step_parts.js";

/**
 * @import { RecordedStep } from "../net/step_types.d.ts"
 * @import { Job } from "../net/types.d.ts"
 */

const RECORDED_STEPS = 20;
const POLL_MS = 500;
const NOT_FOUND = 404;

/** What a visitor trains who has no run yet: small steps at first, so that one sees the loss fall. */
const FIRST_RUN = { preset: "accurate", epochs: 1, record_steps: RECORDED_STEPS };

/**
 * Shows a recorded step of a job, or without an id of the newest job that records steps.
 * @param {HTMLElement} root
 * @param {string} argument `JOB` or `JOB/STEP`.
 * @param {AbortSignal} signal
 */
export async function step(root, argument, signal) {
  const [id, first] = argument.split("/");
  const job = id ? await get(`v1/jobs/${id}`, { signal }) : (await newestJobs(signal)).find(isRecorded);
  if (!job || !isRecorded(job)) return showInvitation(root, job);
  const view = new StepView(job, Number(first) || 1, signal);
  fill(root, view.parts());
  await view.start();
}

/** @param {Job} job */
const isRecorded = (job) => job.record_steps > 0;

/**
 * Offers to train with recorded steps: the configuration of *job*, if there is one.
 * @param {HTMLElement} root
 * @param {Job | undefined} job
 */
function showInvitation(root, job) {
  const error = errorLine();
  const start = button(
    t("step.start"),
    async () => {
      start.disabled = true;
      try {
        const { id } = await (job ? trainAgain(job) : send("POST", "v1/jobs", FIRST_RUN));
        location.hash = `#/step/${id}`;
      } catch (problem) {
        error.textContent = requestError(problem);
        start.disabled = false;
      }
    },
    { class: "main", id: "step-start" },
  );
  const which = job ? t("step.invitation.same", { name: nameOf(job) }) : t("step.invitation.new");
  fill(
    root,
    h("h1", {}, t("step.title")),
    job && runTabs(job, "step"),
    h("p", { class: "lead" }, t("step.lead")),
    h("p", {}, which),
    h("div", { class: "buttons" }, start),
    error,
  );
}

/**
 * Trains the configuration of a job once more, for one epoch, and records its first steps.
 * @param {Job} job
 * @returns {Promise<Job>}
 */
async function trainAgain(job) {
  const changes = { "/epochs": 1, "/record_steps": RECORDED_STEPS, "/early_stopping": null };
  return send("POST", "v1/jobs", bodyOf(job, await get("v1/options"), changes));
}

class StepView {
  /** @type {number[]} The recorded steps. */
  recorded = [];
  /** Whether no more steps follow. */
  isComplete = false;
  #requests = new Newest();

  /**
   * @param {Job} job
   * @param {number} first The step to show first.
   * @param {AbortSignal} signal
   */
  constructor(job, first, signal) {
    this.job = job;
    this.shown = first;
    this.signal = signal;
    this.error = errorLine();
    this.place = h("output", { class: "step-place", id: "step-place" });
    this.facts = h("p", { class: "hint", id: "step-facts" });
    this.previous = button("‹", () => this.go(-1), { id: "step-previous", "aria-label": t("step.previous") });
    this.next = button(t("step.next"), () => this.go(1), { id: "step-next", class: "main" });
    this.content = h("div", { class: "step-parts" });
  }

  parts() {
    return [
      h("div", { class: "head" }, h("h1", {}, t("step.title")), h("p", { class: "hint" }, nameOf(this.job))),
      runTabs(this.job, "step"),
      h("p", { class: "lead" }, t("step.lead")),
      h("div", { class: "step-bar" }, this.previous, this.place, this.next, this.facts),
      this.error,
      this.content,
    ];
  }

  async start() {
    await this.look();
    repeat(POLL_MS, () => this.look().catch(() => {}), this.signal);
  }

  /** Reads which steps are recorded, until all are; shows the step as soon as it is there. */
  async look() {
    if (this.isComplete) return;
    const { job, signal } = this;
    const { data } = await get(`v1/jobs/${job.id}/steps`, { signal });
    this.recorded = data;
    // The job was read before its steps: those of one that had ended are all there
    this.isComplete = data.length >= job.record_steps || hasEnded(job);
    const isShown = this.content.dataset.step === String(this.shown);
    if (data.includes(this.shown) && !isShown) await this.show();
    this.showBar();
    if (!this.isComplete) this.job = await get(`v1/jobs/${job.id}`, { signal });
  }

  /** @param {1 | -1} direction */
  async go(direction) {
    this.shown += direction;
    history.replaceState(null, "", `#/step/${this.job.id}/${this.shown}`);
    this.showBar(); // at once, so that a second click finds the button disabled at the last step
    await this.show();
  }

  /** Shows the step. */
  async show() {
    const isNewest = this.#requests.start();
    try {
      /** @type {RecordedStep} */
      const recorded = await get(`v1/jobs/${this.job.id}/steps/${this.shown}`, { signal: this.signal });
      if (!isNewest()) return;
      this.error.textContent = "";
      this.content.dataset.step = String(recorded.step);
      fill(
        this.content,
        batchPart(recorded),
        predictionPart(recorded),
        lossPart(recorded),
        gradientPart(recorded),
        updatePart(recorded),
      );
      this.showFacts(recorded);
    } catch (error) {
      if (this.signal.aborted || (error instanceof Problem && error.status === NOT_FOUND)) return;
      this.error.textContent = requestError(error);
    }
  }

  /** @param {RecordedStep} recorded */
  showFacts({ step, loss, correct, losses }) {
    const share = percent(correct / losses.length, 0);
    this.facts.textContent = t("step.facts", { loss: number(loss), share });
    announce(t("step.announced", { step, loss: number(loss), share }));
  }

  showBar() {
    const { recorded, shown } = this;
    this.place.textContent = recorded.length
      ? t("step.place", { step: shown, steps: Math.max(...recorded) })
      : t("step.waiting");
    this.previous.disabled = shown <= 1;
    this.next.disabled = !recorded.includes(shown + 1);
  }
}
