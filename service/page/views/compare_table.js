// @ts-check
// A table of compared jobs, one row a job: the configuration fields that differ, and the results. Each column sorts.

import { button, h, refill } from "../ui/dom.js";
import { fieldName } from "../ui/fields.js";
import { MISSING, number, percent } from "../ui/format.js";
import { badge } from "../ui/jobs.js";
import { t } from "../ui/words.js";

/**
 * @import { ComparedJob, Comparison } from "../net/types.d.ts"
 *
 * @typedef {object} Column
 * @property {string} label
 * @property {any[]} values One value a job.
 * @property {(value: any) => string} format
 */

/** Colours and dashes of the curves, as service/charts has them: a seventh job has the first colour, dashed. */
const COLOURS = ["curve", "second", "third", "fourth", "fifth", "sixth"];
const DASHES = ["", "dashed", "dotted", "mixed"];

const RESULTS = /** @type {const} */ (["test_accuracy", "test_loss", "train_accuracy", "train_loss"]);

export class ComparisonTable {
  /** @type {Comparison} */
  #comparison = { jobs: [], differences: [], groups: [] };
  /** @type {number[]} The place of each job's curve in the chart. */
  #series = [];
  #sortedBy = "";
  #isDescending = false;

  /** @param {(id: string) => void} onFork Called with the id of the job to fork. */
  constructor(onFork) {
    this.onFork = onFork;
    this.element = h("table", { id: "differences" });
  }

  /**
   * @param {Comparison} comparison
   * @param {{ isGrouped: boolean }} options Whether the chart has one curve for all runs that differ in the seed only.
   */
  show(comparison, { isGrouped }) {
    this.#comparison = comparison;
    this.#series = comparison.jobs.map(({ id }, index) =>
      isGrouped ? comparison.groups.findIndex(({ jobs }) => jobs.includes(id)) : index,
    );
    this.#redraw();
  }

  #redraw() {
    const comparison = this.#comparison;
    const columns = columnsOf(comparison);
    const heads = columns.map((column) => this.#head(column));
    const rows = this.#order(columns).map((index) => this.#row(index, columns));
    refill(
      this.element,
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("jobs.run")), heads, h("td", {}))),
      h("tbody", {}, rows),
    );
  }

  /** @param {Column} column */
  #head({ label }) {
    const isSorted = label === this.#sortedBy;
    const order = this.#isDescending ? "descending" : "ascending";
    const arrow = isSorted ? (this.#isDescending ? "↓" : "↑") : "";
    const sortButton = button(`${label} ${arrow}`, () => this.#sort(label), { class: "quiet" });
    return h("th", { scope: "col", "aria-sort": isSorted ? order : "none" }, sortButton);
  }

  /**
   * Sorts by a column, and by the same column again in the other direction.
   * @param {string} label
   */
  #sort(label) {
    this.#isDescending = this.#sortedBy === label && !this.#isDescending;
    this.#sortedBy = label;
    this.#redraw();
  }

  /**
   * The indices of the jobs in the order of the rows.
   * @param {Column[]} columns
   */
  #order(columns) {
    const indices = this.#comparison.jobs.map((_, index) => index);
    const column = columns.find(({ label }) => label === this.#sortedBy);
    if (!column) return indices;
    const sign = this.#isDescending ? -1 : 1;
    return indices.sort((a, b) => sign * compareValues(column.values[a], column.values[b]));
  }

  /**
   * @param {number} index
   * @param {Column[]} columns
   */
  #row(index, columns) {
    const job = this.#comparison.jobs[index];
    const cells = columns.map(({ values, format }) => h("td", {}, format(values[index])));
    const forkButton = button(t("compare.fork"), () => this.onFork(job.id), { class: "quiet" });
    return h("tr", {}, rowHead(job, this.#series[index]), cells, h("td", {}, forkButton));
  }
}

/**
 * @param {ComparedJob} job
 * @param {number} series
 */
function rowHead({ id, label, status }, series) {
  const link = h("a", { href: `#/watch/${id}` }, label);
  return h("th", { scope: "row" }, h("span", seriesKey(series), link), " ", badge(status));
}

/**
 * The class of an element that shows the line of a chart's series.
 * @param {number} index
 */
export function seriesKey(index) {
  const dash = DASHES[Math.floor(index / COLOURS.length)] ?? "";
  return { class: `key ${COLOURS[index % COLOURS.length]} ${dash}` };
}

/**
 * @param {Comparison} comparison
 * @returns {Column[]}
 */
const columnsOf = ({ jobs, differences }) => [
  ...differences.map(({ pointer, values }) => ({ label: labelOf(pointer), values, format: text })),
  ...RESULTS.map((name) => ({
    label: t(`metric.${name}`),
    values: jobs.map((job) => job.figures[name]),
    format: name.endsWith("accuracy") ? (/** @type {number} */ share) => percent(share, 2) : number,
  })),
  {
    label: t("metric.seconds"),
    values: jobs.map((job) => job.seconds),
    format: (/** @type {number} */ seconds) => number(seconds, 2),
  },
];

/**
 * The name of a configuration field, such as `Optimizer · Learning rate`.
 * @param {string} pointer
 */
export function labelOf(pointer) {
  const names = pointer.replace("/network/layers/", "/").slice(1).split("/");
  return names.map(fieldName).join(" · ");
}

/** @param {unknown} value */
const text = (value) => String(value ?? MISSING);

/**
 * Orders two values; a missing one counts as the greatest.
 * @param {any} one
 * @param {any} other
 */
function compareValues(one, other) {
  const [left, right] = [one ?? Infinity, other ?? Infinity];
  return left > right ? 1 : left < right ? -1 : 0;
}
