// @ts-check
// The list of jobs as the view of runs reads it: page by page, kept fresh by conditional requests, and its changes.

import { get, request, send } from "./api.js";

/**
 * @import { Job } from "./types.d.ts"
 *
 * @typedef {object} RunQuery
 * @property {string} sort A key of the API's list, such as `created_at`.
 * @property {"asc" | "desc"} order
 * @property {string} [status] Statuses, separated by commas; empty for all.
 * @property {boolean} [isStarred] Only runs with a star.
 */

const PAGE_SIZE = 50;

/** The longest name: the API's limit. */
export const NAME_LENGTH = 200;

/** The longest note: the API's limit of a value of `metadata`. */
export const NOTE_LENGTH = 512;

/** @param {Job} job */
export const isStarred = ({ metadata }) => metadata.starred === "yes";

/** @param {Job} job */
export const noteOf = ({ metadata }) => metadata.note ?? "";

/**
 * What a fork's body needs so that the star and the note of the job stay with it: a fork takes over all labels.
 * @param {Job} job
 * @returns {{ metadata?: Record<string, string> }}
 */
export function withoutMarks(job) {
  const marks = { ...(isStarred(job) && { starred: "no" }), ...(noteOf(job) && { note: "" }) };
  return Object.keys(marks).length ? { metadata: marks } : {};
}

/** Reads the list; a page that has not changed is neither sent nor parsed again. */
export class RunPages {
  /** @type {Map<string, { etag: string | null, page: { data: Job[], has_more: boolean } }>} By their paths. */
  #known = new Map();
  hasMore = false;

  /**
   * The first pages of the list.
   * @param {RunQuery} query
   * @param {number} pages
   * @param {AbortSignal} signal
   */
  async read(query, pages, signal) {
    /** @type {Job[]} */
    const jobs = [];
    const seen = new Map();
    for (let number = 0; number < pages; number++) {
      const path = pathOf(query, jobs.at(-1)?.id);
      const { page } = await this.#page(path, seen, signal);
      jobs.push(...page.data);
      this.hasMore = page.has_more;
      if (!page.has_more) break;
    }
    this.#known = seen;
    return jobs;
  }

  /**
   * @param {string} path
   * @param {Map<string, any>} seen
   * @param {AbortSignal} signal
   */
  async #page(path, seen, signal) {
    const before = this.#known.get(path);
    const response = await request(path, { signal });
    const etag = response.headers.get("etag");
    const isSame = before && etag && before.etag === etag;
    const found = isSame ? before : { etag, page: await response.json() };
    if (isSame) await response.body?.cancel();
    seen.set(path, found);
    return found;
  }
}

/**
 * @param {RunQuery} query
 * @param {string} [after] The id of the last job of the page before.
 */
function pathOf({ sort, order, status, isStarred: onlyStarred }, after) {
  const parameters = new URLSearchParams({ limit: String(PAGE_SIZE), sort, order });
  if (status) parameters.set("status", status);
  if (onlyStarred) parameters.set("metadata[starred]", "yes");
  if (after) parameters.set("after", after);
  return `v1/jobs?${parameters}`;
}

/**
 * @param {string} id
 * @param {{ name?: string | null, metadata?: Record<string, string | null> }} patch
 * @returns {Promise<Job>}
 */
export const changeRun = (id, patch) => send("PATCH", `v1/jobs/${id}`, patch);

/**
 * @param {string} id
 * @param {boolean} isOn
 */
export const starRun = (id, isOn) => changeRun(id, { metadata: { starred: isOn ? "yes" : null } });

/** @param {string} id */
export const deleteRun = (id) => request(`v1/jobs/${id}`, { method: "DELETE" });

/**
 * The newest experiments by their ids.
 * @param {AbortSignal} signal
 * @returns {Promise<Map<string, import("./experiment_types.d.ts").Experiment>>}
 */
export async function experimentsById(signal) {
  const { data } = await get("v1/experiments?limit=100", { signal });
  return new Map(data.map((/** @type {any} */ experiment) => [experiment.id, experiment]));
}
