// @ts-check
// The configuration that the visitor edits. Learn and Train share it. It is kept in the address, so that a link opens
// the form as it is, and in the browser, for an address without one.

import { requestBody } from "./configuration.js";
import { addressOf, configurationIn, partsOfAddress, presetConfiguration } from "./configuration_address.js";
import { FIRST_SEEDS } from "./experiments.js";

/**
 * @import { Change } from "./configuration_address.js"
 * @import { Configuration, Options } from "./types.d.ts"
 */

const STORAGE_KEY = "naivenet.configuration";

/** Browsers limit how often a page may change its address. */
const ADDRESS_PAUSE_MS = 300;

export class Draft {
  /** @type {Change | null} The field that differs in the second arm of an experiment. */
  change = null;
  /** @type {any} The number of an experiment's seeds, or what the visitor typed there. */
  seeds = FIRST_SEEDS;
  /** @type {string[]} The parts of the address that no configuration has. */
  ignored = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * The configuration of the address, else the one that the visitor edited last, else a preset.
   * @param {Options} options
   * @param {AbortSignal} signal Aborts when another view is shown.
   */
  constructor(options, signal) {
    this.options = options;
    this.path = pathOf(location.hash);
    const stored = localStorage.getItem(STORAGE_KEY);
    const reading = configurationIn(location.hash, options) ?? (stored && configurationIn(`#/?${stored}`, options));
    /** @type {Configuration} */
    this.config = reading ? reading.config : presetConfiguration(options);
    if (reading) {
      this.change = reading.change;
      this.seeds = reading.seeds ?? FIRST_SEEDS;
      this.ignored = reading.ignored;
    }
    signal.addEventListener("abort", () => this.flush());
  }

  /** The body of a job. */
  get body() {
    return requestBody(this.config, this.options.presets);
  }

  /**
   * The address of a view with this configuration.
   * @param {string} view
   */
  addressOf(view) {
    const change = this.change && { field: this.change.pointer, value: this.change.value };
    const seeds = this.seeds === FIRST_SEEDS ? undefined : this.seeds;
    return addressOf(view, { ...this.body, change: change ?? undefined, seeds });
  }

  /** Stores the configuration in the browser at once, and in the address as soon as the visitor pauses. */
  keep() {
    localStorage.setItem(STORAGE_KEY, partsOfAddress(this.addressOf("")).query);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), ADDRESS_PAUSE_MS);
  }

  /** Writes the configuration into the address, unless the visitor has left the view. */
  flush() {
    clearTimeout(this.#timer);
    if (pathOf(location.hash) === this.path) this.#write();
  }

  /**
   * Gives the view another address, such as that of the job it has started, without leaving the view.
   * @param {string} path Such as `learn/job_…`.
   */
  moveTo(path) {
    if (pathOf(location.hash) !== this.path) return;
    this.path = path;
    this.#write();
  }

  #write() {
    history.replaceState(null, "", this.addressOf(this.path));
  }
}

/**
 * An address without its query.
 * @param {string} address
 */
function pathOf(address) {
  const { view, argument } = partsOfAddress(address);
  return argument ? `${view}/${argument}` : view;
}
