// @ts-check
// Whether a run that has finished learned anything, and if not, why.

import { chanceFor, learnedNothing, readChances } from "../net/chance.js";
import { diagnosticText } from "../ui/diagnostics.js";
import { fill, h } from "../ui/dom.js";
import { percent } from "../ui/format.js";
import { badgeOf } from "../ui/jobs.js";
import { t } from "../ui/words.js";

/** @import { DiagnosticData, Job } from "../net/types.d.ts" */

/** Diagnostics that explain why a network learns nothing, the most certain first. */
const REASONS = [
  "zero_learning_rate",
  "missing_softmax",
  "equal_initial_weights",
  "vanishing_gradients",
  "dead_layer",
  "saturated_softmax",
  "learning_rate_too_small",
];

export class Verdict {
  /** @type {DiagnosticData[]} */
  #diagnostics = [];
  /** @type {Job | undefined} */
  #job;

  /**
   * @param {HTMLElement} badgePlace
   * @param {AbortSignal} signal
   */
  constructor(badgePlace, signal) {
    this.badgePlace = badgePlace;
    this.signal = signal;
    this.element = h("p", { class: "run-verdict", id: "verdict", hidden: true });
  }

  /** @param {DiagnosticData} diagnostic */
  add(diagnostic) {
    this.#diagnostics.push(diagnostic);
    this.#write();
  }

  /**
   * Shows the status of a job, and at the end whether it learned nothing.
   * @param {Job} job
   * @returns {Promise<string>} The sentence about it; empty if there is none.
   */
  async show(job) {
    await readChances([job], this.signal);
    this.#job = job;
    fill(this.badgePlace, badgeOf(job));
    return this.#write();
  }

  /** Writes the sentence; the log may bring the reason later than the status. */
  #write() {
    const isNothing = this.#job !== undefined && learnedNothing(this.#job);
    this.element.hidden = !isNothing;
    this.element.textContent = this.#job && isNothing ? this.#sentence(this.#job) : "";
    return this.element.textContent;
  }

  /** @param {Job} job */
  #sentence(job) {
    const [accuracy, level] = [percent(job.result?.test_accuracy), percent(chanceFor(job)?.level)];
    const known = REASONS.map((code) => this.#diagnostics.find((each) => each.code === code));
    const reason = known.find(Boolean);
    return [t("verdict.nothing", { accuracy, level }), reason && diagnosticText(reason)].filter(Boolean).join(" ");
  }
}
