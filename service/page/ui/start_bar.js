// @ts-check
// The bar at the bottom of a form: what will be trained, how long it takes, the errors, and the start button.

import { send } from "../net/api.js";
import { Newest } from "../net/timing.js";
import { errorLine, h } from "./dom.js";
import { about } from "./format.js";
import { listed, sizes } from "./run_line.js";
import { t } from "./words.js";

/**
 * @import { Configuration } from "../net/types.d.ts"
 *
 * @typedef {{ config: Configuration, body: Record<string, any> }} Planned
 */

const ESTIMATE_PAUSE_MS = 500;

export class StartBar {
  #newest = new Newest();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #asked = "";

  /**
   * @param {HTMLElement[]} buttons
   * @param {AbortSignal} signal
   */
  constructor(buttons, signal) {
    this.error = errorLine({ id: "form-trouble" });
    this.what = h("span", { id: "plan-line" });
    this.time = h("span", { id: "plan-time" });
    const line = h("p", { class: "plan-line" }, this.what, " ", this.time);
    this.element = h(
      "div",
      { class: "start-bar" },
      h("div", {}, line, this.error),
      h("div", { class: "buttons" }, buttons),
    );
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  /**
   * Says what the form would start now.
   * @param {Planned} draft
   * @param {{ isExperiment: boolean }} options An experiment says itself how long it takes.
   */
  show(draft, { isExperiment }) {
    this.what.textContent = planOf(draft.config);
    const body = JSON.stringify(draft.body);
    if (body === this.#asked && !isExperiment) return;
    this.#asked = isExperiment ? "" : body;
    this.time.textContent = "";
    clearTimeout(this.#timer);
    const isNewest = this.#newest.start();
    if (!isExperiment) this.#timer = setTimeout(() => this.#estimate(draft, isNewest), ESTIMATE_PAUSE_MS);
  }

  /**
   * Asks the service how long the job takes. An error shows when the visitor starts it.
   * @param {Planned} draft
   * @param {() => boolean} isNewest
   */
  async #estimate(draft, isNewest) {
    if (!hasNumbersOnly(draft.config)) return;
    const { estimate } = await send("POST", "v1/jobs/validate", draft.body).catch(() => ({}));
    if (estimate?.seconds && isNewest()) this.time.textContent = t("start.time", { time: about(estimate.seconds) });
  }
}

/**
 * What a configuration trains, such as "784–512–10, sgd 0.1, 10 epochs of mnist".
 * @param {Configuration} config
 */
function planOf({ network, optimizer, epochs, dataset, datasets }) {
  const data = datasets ? datasets.map(({ name }) => name).join(" + ") : dataset;
  const rate = listed(optimizer.learning_rate);
  return t("start.plan", { sizes: sizes(network), optimizer: optimizer.name, rate, epochs: listed(epochs), data });
}

/**
 * Whether the visitor's fields for numbers all have numbers, so that the service can answer.
 * @param {Configuration} config
 */
const hasNumbersOnly = ({ network, optimizer, epochs, batch_size: batch }) =>
  [epochs, batch, optimizer.learning_rate, ...network.layers.map(({ units }) => units)].every(
    (value) => typeof value === "number" && value >= 0,
  );
