// @ts-check
// The advice of a diagnostic as one click: a link to the form with the change, and for a run that trains a button.

import { get, send } from "../net/api.js";
import { addressOf } from "../net/configuration_address.js";
import { bodyOf } from "../net/job_body.js";
import { hasEnded } from "../net/jobs.js";
import { button, errorLine, h } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { fieldName } from "../ui/fields.js";
import { number } from "../ui/format.js";
import { t } from "../ui/words.js";

/** @import { DiagnosticData, Job, Options } from "../net/types.d.ts" */

/** More changes than this are not listed on the button. */
const LISTED_CHANGES = 2;

/** What can change while a job trains. */
const NOW = ["/optimizer/learning_rate", "/optimizer/momentum"];

export class AdviceButtons {
  /** @type {Promise<Options> | undefined} */
  #options;
  /** @type {HTMLButtonElement[]} Buttons that change the run itself, until it ends. */
  #now = [];

  /**
   * @param {() => Job} job The job as it is now.
   * @param {(job: Job) => void} onChange Receives the job after a change.
   * @param {AbortSignal} signal
   * @param {"train" | "learn"} [view] The view whose form a button opens.
   */
  constructor(job, onChange, signal, view = "train") {
    this.job = job;
    this.onChange = onChange;
    this.signal = signal;
    this.view = view;
  }

  /**
   * The buttons of a diagnostic, or nothing where it advises nothing.
   * @param {DiagnosticData} diagnostic
   */
  for({ advice = {} }) {
    const changes = Object.entries(advice);
    if (!changes.length) return null;
    const error = errorLine();
    const label =
      changes.length > LISTED_CHANGES ? t("advice.train.many") : t("advice.train", { changes: listed(advice) });
    const train = button(label, () => this.#attempt(error, () => this.#openForm(advice)), { class: "advice" });
    return h("span", { class: "buttons" }, train, this.#nowButton(advice, error), error);
  }

  /** Hides the buttons that change the run itself once it has ended. */
  update() {
    for (const each of this.#now) each.hidden = hasEnded(this.job());
  }

  /**
   * @param {Record<string, unknown>} advice
   * @param {HTMLElement} error
   */
  #nowButton(advice, error) {
    if (!Object.keys(advice).every((pointer) => NOW.includes(pointer))) return null;
    const names = Object.entries(advice).map(([pointer, value]) => [pointer.slice("/optimizer/".length), value]);
    const body = { optimizer: Object.fromEntries(names) };
    const apply = async () => this.onChange(await send("PATCH", `v1/jobs/${this.job().id}`, body));
    const properties = { class: "advice-now", hidden: hasEnded(this.job()) };
    const now = button(t("advice.now", { changes: listed(advice) }), () => this.#attempt(error, apply), properties);
    this.#now.push(now);
    return now;
  }

  /** @param {Record<string, unknown>} advice */
  async #openForm(advice) {
    this.#options ??= get("v1/options", { signal: this.signal });
    this.#options.catch(() => {
      this.#options = undefined;
    });
    location.hash = addressOf(this.view, bodyOf(this.job(), await this.#options, advice));
  }

  /**
   * @param {HTMLElement} error
   * @param {() => Promise<void>} action
   */
  async #attempt(error, action) {
    error.textContent = "";
    try {
      await action();
    } catch (problem) {
      if (!this.signal.aborted) error.textContent = requestError(problem);
    }
  }
}

/**
 * Changes as words, such as `learning rate 0.1`.
 * @param {Record<string, unknown>} advice
 */
const listed = (advice) =>
  Object.entries(advice)
    .map(([pointer, value]) => described(pointer.split("/").slice(1), value))
    .join(", ");

/**
 * @param {string[]} path
 * @param {any} value
 */
function described(path, value) {
  const field = fieldName(path[path.length - 1]).toLowerCase();
  const text = typeof value === "object" ? value.name : typeof value === "number" ? number(value) : String(value);
  if (value === true) return t("advice.on", { field });
  // The API counts layers from 0, the page from 1
  return path[0] === "network"
    ? t("advice.layer", { field, value: text, layer: Number(path[2]) + 1 })
    : `${field} ${text}`;
}
