// @ts-check
// The runs that can be compared: the newest ones, and all that the address names, as far as they exist.

import { get, Problem } from "../net/api.js";
import { RunPages } from "../net/runs.js";

/**
 * @import { Comparison, Job } from "../net/types.d.ts"
 * @import { CompareState } from "./compare_state.js"
 */

/** The list has so many pages of the newest jobs: 200 jobs. */
const LISTED_PAGES = 4;

/** The most jobs that one request of the list returns: the API's limit. */
const PAGE_SIZE = 100;

/** @type {import("../net/runs.js").RunQuery} */
const NEWEST = { sort: "created_at", order: "desc" };

/** @param {unknown} error */
export const isGone = (error) => error instanceof Problem && error.status === 404;

export class CompareJobs {
  /** @type {Job[]} */
  all = [];
  /** @type {string[]} The ids of chosen jobs that do not exist. */
  gone = [];
  #pages = new RunPages();

  /**
   * @param {CompareState} state
   * @param {AbortSignal} signal
   */
  constructor(state, signal) {
    this.state = state;
    this.signal = signal;
  }

  /**
   * @param {string} id
   */
  of(id) {
    return this.all.find((job) => job.id === id);
  }

  /** The compared jobs: first the pinned ones, then the others in the order of the list. */
  get chosen() {
    const { chosen, pinned } = this.state;
    const isPinned = (/** @type {Job} */ { id }) => pinned.has(id);
    const jobs = this.all.filter(({ id }) => chosen.has(id));
    return [...jobs.filter(isPinned), ...jobs.filter((job) => !isPinned(job))];
  }

  /**
   * Reads them; a chosen one that does not exist is not chosen any more.
   * @param {{ isAnew?: boolean }} [options] Whether jobs that the list does not reach are read again.
   */
  async read({ isAnew = false } = {}) {
    const listed = await this.#pages.read(NEWEST, LISTED_PAGES, this.signal);
    const present = new Set(listed.map(({ id }) => id));
    const missing = [...this.state.chosen].filter((id) => !present.has(id));
    const known = isAnew ? [] : this.all;
    const unknown = missing.filter((id) => !known.some((job) => job.id === id));
    const found = new Map([...known, ...(await this.#readThese(unknown))].map((job) => [job.id, job]));
    this.all = [...listed, ...missing.flatMap((id) => found.get(id) ?? [])];
    this.#forget(missing.filter((id) => !found.has(id)));
  }

  /**
   * Reads the jobs with these ids, as far as they exist.
   * @param {string[]} ids
   * @returns {Promise<Job[]>}
   */
  async #readThese(ids) {
    if (!ids.length) return [];
    const { data } = await get(`v1/jobs?limit=${PAGE_SIZE}&id=${ids.slice(0, PAGE_SIZE)}`, { signal: this.signal });
    return [...data, ...(await this.#readThese(ids.slice(PAGE_SIZE)))];
  }

  /** @param {string[]} ids */
  #forget(ids) {
    for (const id of ids) {
      this.state.chosen.delete(id);
      this.state.pinned.delete(id);
    }
    this.gone.push(...ids);
  }

  /**
   * Takes over the status and the results of a comparison, which is read more often than the list.
   * @param {Comparison} comparison
   */
  update({ jobs }) {
    const found = new Map(jobs.map((each) => [each.id, each]));
    this.all = this.all.map((job) => {
      const { status, step = 0, figures } = found.get(job.id) ?? {};
      if (!status || status === job.status) return job;
      return { ...job, status, progress: { ...job.progress, step }, result: /** @type {any} */ (figures) };
    });
  }
}
