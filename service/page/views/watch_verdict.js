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

  /**
   * @param {HTMLElement} badgePlace
   * @param {AbortSignal} signal
   */
  constructor(badgePlace, signal) {
    this.badgePlace = badgePlace;
    this.signal = signal;
    this.element = h("p", { class: "verdict", id: "verdict", hidden: true });
  }

  /** @param {DiagnosticData} diagnostic */
  add(diagnostic) {
    this.#diagnostics.push(diagnostic);
  }

  /**
   * Shows the status of a job, and at the end whether it learned nothing.
   * @param {Job} job
   * @returns {Promise<string>} The sentence about it; empty if there is none.
   */
  async show(job) {
    await readChances([job], this.signal);
    const isNothing = learnedNothing(job);
    const sentence = isNothing ? this.#sentence(job) : "";
    fill(this.badgePlace, badgeOf(job));
    this.element.hidden = !isNothing;
    this.element.textContent = sentence;
    return sentence;
  }

  /** @param {Job} job */
  #sentence(job) {
    const [accuracy, level] = [percent(job.result?.test_accuracy), percent(chanceFor(job)?.level)];
    const known = REASONS.map((code) => this.#diagnostics.find((each) => each.code === code));
    const reason = known.find(Boolean);
    return [t("verdict.nothing", { accuracy, level }), reason && diagnosticText(reason)].filter(Boolean).join(" ");
  }
}
