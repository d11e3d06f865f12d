// @ts-check
// A table of compared jobs, one row a job: its results, then the configuration fields that differ. Each column sorts,
// the run's name stays in sight, and the best results are marked.

import { paintOf, roundOf } from "../plots/curve.js";
import { button, h, refill } from "../ui/dom.js";
import { badge, badgeOf } from "../ui/jobs.js";
import { csvOf } from "../ui/saving.js";
import { t } from "../ui/words.js";
import { columnsOf } from "./compare_columns.js";

/**
 * @import { ComparedJob, Comparison, Job } from "../net/types.d.ts"
 * @import { Column } from "./compare_columns.js"
 */

/** Dashes of the curves, as service/charts has them: a seventh job has the first colour, dashed. */
const DASHES = ["", "dashed", "dotted", "mixed"];

/** The same dashes as lengths of dashes and gaps, in pixels. */
export const DASH_PATTERNS = [[], [6, 3], [2, 3], [6, 2, 2, 2]];

/** A folded cell shows so many characters; a button shows the rest. */
const FOLDED_LENGTH = 36;

export class ComparisonTable {
  /** @type {Comparison} */
  #comparison = { jobs: [], differences: [], groups: [] };
  /** @type {number[]} The place of each job's curve in the chart. */
  #series = [];
  /** @type {Column[]} */
  #columns = [];
  #sortedBy = "";
  #isDescending = false;

  /**
   * @param {object} options
   * @param {(id: string) => void} options.onFork Called with the id of the job to fork.
   * @param {(id: string) => Job | undefined} options.jobOf
   * @param {Set<string>} options.pinned The jobs that stay first, whatever the order.
   */
  constructor({ onFork, jobOf, pinned }) {
    this.onFork = onFork;
    this.jobOf = jobOf;
    this.pinned = pinned;
    this.element = h("table", { id: "differences" });
  }

  /**
   * @param {Comparison} comparison
   * @param {{ isGrouped: boolean }} options Whether the chart has one curve for all runs that differ in the seed only.
   */
  show(comparison, { isGrouped }) {
    this.#comparison = comparison;
    this.#columns = columnsOf(comparison, this.jobOf);
    this.#series = comparison.jobs.map(({ id }, index) =>
      isGrouped ? comparison.groups.findIndex(({ jobs }) => jobs.includes(id)) : index,
    );
    this.#redraw();
  }

  #redraw() {
    const heads = this.#columns.map((column) => this.#head(column));
    const rows = this.#order().map((index) => this.#row(index));
    refill(
      this.element,
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("jobs.run")), heads, h("td", {}))),
      h("tbody", {}, rows),
    );
  }

  /** @param {Column} column */
  #head({ name, label, isNumber }) {
    const isSorted = name === this.#sortedBy;
    const order = this.#isDescending ? "descending" : "ascending";
    const arrow = isSorted ? (this.#isDescending ? "↓" : "↑") : "";
    const sortButton = button(`${label} ${arrow}`, () => this.#sort(name), { class: "quiet" });
    const properties = { scope: "col", class: isNumber ? "num" : null, "aria-sort": isSorted ? order : "none" };
    return h("th", properties, sortButton);
  }

  /**
   * Sorts by a column, and by the same column again in the other direction.
   * @param {string} name
   */
  #sort(name) {
    this.#isDescending = this.#sortedBy === name && !this.#isDescending;
    this.#sortedBy = name;
    this.#redraw();
  }

  /** The indices of the jobs in the order of the rows: the pinned ones first. */
  #order() {
    const indices = this.#comparison.jobs.map((_, index) => index);
    const column = this.#columns.find(({ name }) => name === this.#sortedBy);
    const sign = this.#isDescending ? -1 : 1;
    if (column) indices.sort((a, b) => sign * compareValues(column.values[a], column.values[b]));
    const isPinned = (/** @type {number} */ index) => this.pinned.has(this.#comparison.jobs[index].id);
    return [...indices.filter(isPinned), ...indices.filter((index) => !isPinned(index))];
  }

  /** @param {number} index */
  #row(index) {
    const job = this.#comparison.jobs[index];
    const cells = this.#columns.map((column) => cell(column, index));
    const forkButton = button(t("compare.fork"), () => this.onFork(job.id), { class: "quiet fork-run" });
    const known = this.jobOf(job.id);
    const head = rowHead(job, known, { series: this.#series[index], isPinned: this.pinned.has(job.id) });
    return h("tr", {}, head, cells, h("td", {}, forkButton));
  }

  /** The table as it is shown, with exact values. */
  csv() {
    const heads = ["run", "id", "status", ...this.#columns.map(({ name }) => name)];
    const rows = this.#order().map((index) => {
      const { label, id, status } = this.#comparison.jobs[index];
      return [label, id, status, ...this.#columns.map(({ values }) => values[index])];
    });
    return csvOf([heads, ...rows]);
  }
}

/**
 * @param {Column} column
 * @param {number} index
 */
function cell({ name, values, format, isNumber, best }, index) {
  const text = format(values[index]);
  if (text.length > FOLDED_LENGTH) return h("td", {}, foldedText(text));
  if (!best?.has(index)) return h("td", { class: isNumber ? "num" : null }, text);
  return h(
    "td",
    { class: "num best", "data-column": name },
    text,
    " ",
    h("span", { class: "best-mark" }, t("compare.best")),
  );
}

/**
 * A long text of which the start is shown, up to a comma.
 * @param {string} text
 */
function foldedText(text) {
  const start = text.slice(0, text.lastIndexOf(",", FOLDED_LENGTH) + 1 || FOLDED_LENGTH);
  return h("details", { class: "folded" }, h("summary", {}, `${start} …`), text);
}

/**
 * @param {ComparedJob} job
 * @param {Job | undefined} known
 * @param {{ series: number, isPinned: boolean }} options
 */
function rowHead({ id, label, status }, known, { series, isPinned }) {
  const link = h("a", { href: `#/watch/${id}` }, label);
  const pin = isPinned && h("span", { class: "hint" }, ` ${t("compare.pinned")}`);
  return h(
    "th",
    { scope: "row" },
    h("span", seriesKey(series), link),
    " ",
    known ? badgeOf(known) : badge(status),
    pin,
  );
}

/**
 * The class of an element that shows the line of a chart's series.
 * @param {number} index
 */
export function seriesKey(index) {
  return { class: `key ${paintOf(index)} ${DASHES[roundOf(index) % DASHES.length]}` };
}

/**
 * Orders two values; a missing one counts as the greatest.
 * @param {any} one
 * @param {any} other
 */
function compareValues(one, other) {
  const [left, right] = [one ?? Infinity, other ?? Infinity];
  return left > right ? 1 : left < right ? -1 : 0;
}
