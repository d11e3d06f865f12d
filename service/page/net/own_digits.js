// @ts-check
// The visitor's own digits: a dataset on the server that the page fills, and the job that teaches them to a network.

import { get, Problem, request, send } from "./api.js";
import { hasScope } from "./own_key.js";

/**
 * @import { Dataset, Job, OwnDigit } from "./types.d.ts"
 * @import { OwnKey } from "./own_key.js"
 */

/** The name of the dataset; visitors with another API key than its creator's get one of their own beside it. */
const NAME = "mine";
const CONFLICT = 409;

export class OwnDigits {
  name = NAME;
  /** @type {Dataset | undefined} Undefined before the first digit. */
  dataset;

  /** @param {OwnKey} key */
  constructor(key) {
    this.key = key;
  }

  /** How many digits there are. */
  get count() {
    return this.dataset ? this.dataset.train.samples + this.dataset.test.samples : 0;
  }

  get #path() {
    return `v1/datasets/${this.name}`;
  }

  get #samples() {
    return `${this.#path}/samples`;
  }

  /**
   * Reads the dataset, if there is one.
   * @param {AbortSignal} signal
   */
  async find(signal) {
    /** @type {Dataset[]} */
    const all = (await get("v1/datasets", { signal })).data;
    const named = (/** @type {string} */ name) => all.find((each) => each.name === name);
    const first = named(NAME);
    this.name = first && !this.#owns(first) ? `${NAME}-${this.key.id}` : NAME;
    this.dataset = named(this.name);
  }

  /** @param {Dataset} dataset */
  #owns({ created_by: creator }) {
    return hasScope(this.key, "admin") || (creator !== null && creator.id === this.key.id);
  }

  /**
   * The newest digits, newest first; with *after* the digits that follow it.
   * @param {AbortSignal} signal
   * @param {string} [after] The id of a digit.
   * @returns {Promise<{ data: OwnDigit[], has_more: boolean }>}
   */
  page(signal, after) {
    return get(`${this.#samples}?limit=48${after ? `&after=${after}` : ""}`, { signal });
  }

  /**
   * Adds a picture, unchanged, with the digit that it shows. The first one creates the dataset.
   * @param {Blob} image
   * @param {number} label
   * @returns {Promise<OwnDigit>}
   */
  async add(image, label) {
    if (!this.dataset) await this.#create();
    const form = new FormData();
    form.append("file", image, "digit");
    form.append("label", String(label));
    const { data, dataset } = await (await request(this.#samples, { method: "POST", body: form })).json();
    this.dataset = dataset;
    return data[0];
  }

  /** Creates the dataset; one that is already there, from another tab, is no error. */
  async #create() {
    await send("POST", "v1/datasets", { name: this.name }).catch((error) => {
      if (!(error instanceof Problem && error.status === CONFLICT)) throw error;
    });
  }

  /**
   * Changes which digit a picture shows.
   * @param {string} id
   * @param {number} label
   */
  relabel(id, label) {
    return send("PATCH", `${this.#samples}/${id}`, { label });
  }

  /** @param {string} id */
  remove(id) {
    return request(`${this.#samples}/${id}`, { method: "DELETE" });
  }

  /**
   * Starts a job that continues from the live version and learns these digits.
   * @returns {Promise<Job>}
   */
  teach() {
    return send("POST", `${this.#path}/teach`, {});
  }
}
