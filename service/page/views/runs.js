// @ts-check
// The view of all runs: a table that stays fresh, with a filter, and what can be done with one run or with several.

import { readChances } from "../net/chance.js";
import { newestJobs } from "../net/jobs.js";
import { experimentsById, RunPages } from "../net/runs.js";
import { Newest, oneAtATime, repeat } from "../net/timing.js";
import { button, errorLine, fill, h } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { noJobs } from "../ui/jobs.js";
import { t } from "../ui/words.js";
import { SelectionBar } from "./runs_actions.js";
import { addressOf, isFiltered, matcher, RunFilter, stateOf } from "./runs_filter.js";
import { RunTable } from "./runs_table.js";

/**
 * @import { Experiment } from "../net/experiment_types.d.ts"
 * @import { Job } from "../net/types.d.ts"
 */

const POLL_MS = 3000;

/** A filter by text looks through so many pages by itself; the visitor can go on from there. */
const SEARCHED_PAGES = 10;

/** It stops as soon as so many rows match. */
const ENOUGH_ROWS = 20;

/**
 * @param {HTMLElement} root
 * @param {string} argument The order and the filter, such as `sort=test_accuracy&order=desc`.
 * @param {AbortSignal} signal
 */
export async function runs(root, argument, signal) {
  const view = new RunsView(argument, signal);
  const [any] = await newestJobs(signal, 1);
  if (!any) return void fill(root, h("h1", {}, t("runs.title")), noJobs());
  fill(root, view.parts());
  await view.refresh();
  view.loadMoreInSight();
  repeat(POLL_MS, view.poll, signal);
  addEventListener("serviceback", view.poll, { signal });
}

class RunsView {
  /** @type {Job[]} */
  jobs = [];
  /** @type {Map<string, Experiment>} */
  experiments = new Map();
  pageCount = 1;
  pages = new RunPages();
  requests = new Newest();
  /** @type {Set<string>} */
  chosen = new Set();

  /**
   * @param {string} argument
   * @param {AbortSignal} signal
   */
  constructor(argument, signal) {
    this.signal = signal;
    this.state = stateOf(argument);
    this.error = errorLine();
    this.count = h("p", { class: "hint", role: "status", id: "runs-count" });
    this.filter = new RunFilter(this.state, () => this.filterChanged());
    this.bar = new SelectionBar(this);
    this.table = new RunTable(this);
    this.more = button(t("runs.more"), () => this.loadMore(), { id: "runs-more", hidden: true });
    this.poll = oneAtATime(() => this.refresh());
  }

  parts() {
    return [
      h("h1", {}, t("runs.title")),
      this.filter.element,
      this.error,
      this.bar.element,
      h("section", { class: "panel runs-panel" }, this.table.element),
      this.count,
      this.more,
    ];
  }

  /** Reads the pages that are shown again, and shows what has changed. */
  async refresh() {
    const isNewest = this.requests.start();
    try {
      const jobs = await this.pages.read(this.state, this.pageCount, this.signal);
      await Promise.all([this.readExperiments(jobs), readChances(jobs, this.signal)]);
      if (!isNewest()) return;
      this.jobs = jobs;
      this.error.textContent = "";
      this.show();
      if (this.mustSearchFurther()) await this.loadMore();
    } catch (error) {
      if (!this.signal.aborted && isNewest()) this.error.textContent = requestError(error);
    }
  }

  /** @param {Job[]} jobs */
  async readExperiments(jobs) {
    const isNew = jobs.some(({ experiment_id: id }) => id && !this.experiments.has(id));
    if (isNew) this.experiments = new Map([...this.experiments, ...(await experimentsById(this.signal))]);
  }

  /** Shows the runs that match the text, unless the visitor edits one at this moment. */
  show() {
    const matching = this.jobs.filter(matcher(this.state.text, this.experiments));
    const present = new Set(this.jobs.map(({ id }) => id));
    for (const id of this.chosen) if (!present.has(id)) this.chosen.delete(id);
    this.table.show(matching);
    this.bar.show();
    this.more.hidden = !this.pages.hasMore;
    this.more.textContent = t(this.state.text ? "runs.search_further" : "runs.more");
    this.count.textContent = this.countText(matching.length);
  }

  /** @param {number} matching */
  countText(matching) {
    const hasMore = this.pages.hasMore ? "+" : "";
    if (this.state.text) return t("runs.matching", { matching, all: `${this.jobs.length}${hasMore}` });
    if (!this.jobs.length && isFiltered(this.state)) return t("runs.none_match");
    return t("runs.count", { all: `${this.jobs.length}${hasMore}` });
  }

  mustSearchFurther() {
    if (!this.state.text || !this.pages.hasMore || this.pageCount >= SEARCHED_PAGES) return false;
    return this.table.rowCount < ENOUGH_ROWS;
  }

  async loadMore() {
    if (!this.pages.hasMore) return;
    this.pageCount++;
    await this.refresh();
  }

  /** Loads more as soon as the button below the table is in sight. */
  loadMoreInSight() {
    const observer = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && this.loadMore());
    observer.observe(this.more);
    this.signal.addEventListener("abort", () => observer.disconnect());
  }

  async filterChanged() {
    history.replaceState(null, "", addressOf(this.state));
    this.pageCount = 1;
    await this.refresh();
  }

  /**
   * @param {string} sort
   * @param {"asc" | "desc"} order
   */
  sortBy(sort, order) {
    Object.assign(this.state, { sort, order });
    this.filter.showOrder();
    return this.filterChanged();
  }

  /**
   * Puts a changed job into the list, without waiting for the next poll.
   * @param {Job} job
   */
  replace(job) {
    this.jobs = this.jobs.map((each) => (each.id === job.id ? job : each));
    this.show();
  }

  /**
   * @param {string} id
   * @param {boolean} isChosen
   */
  choose(id, isChosen) {
    if (isChosen) this.chosen.add(id);
    else this.chosen.delete(id);
    this.show();
  }

  /** The chosen runs in the order of the list. */
  get chosenJobs() {
    return this.jobs.filter(({ id }) => this.chosen.has(id));
  }
}
