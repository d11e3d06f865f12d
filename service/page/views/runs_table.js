// @ts-check
// The table of runs. The runs of an experiment are folded under its name. Rows are kept and changed in place, so that
// neither the focus nor the place on the screen is lost when the list is read again.

import { button, h } from "../ui/dom.js";
import { number } from "../ui/format.js";
import { t } from "../ui/words.js";
import { titleOf } from "./experiment_list.js";
import { RunRow } from "./runs_row.js";

/**
 * @import { Job } from "../net/types.d.ts"
 *
 * @typedef {object} Entry A run, or an experiment with its runs.
 * @property {string} key
 * @property {Job} [job]
 * @property {Job[]} [jobs]
 * @property {boolean} [isInside] Whether the run belongs to the experiment above it.
 */

/** The columns that the API sorts by, and their keys. */
const SORTS = /** @type {Record<string, string>} */ ({ created: "created_at", accuracy: "test_accuracy" });

export const COLUMNS = ["created", "dataset", "layers", "optimizer", "epochs", "accuracy", "duration", "seed"];

export class RunTable {
  /** @type {Map<string, RunRow | ExperimentRow>} */
  #rows = new Map();
  /** @type {Set<string>} The experiments whose runs are shown. */
  #open = new Set();
  /** @type {Job[]} */
  #jobs = [];

  /** @param {any} view The view of runs. */
  constructor(view) {
    this.view = view;
    this.head = h("tr", { role: "row" });
    this.body = h("tbody", { role: "rowgroup" });
    this.element = h(
      "table",
      { id: "runs", role: "table", "aria-label": t("runs.title") },
      h("thead", { role: "rowgroup" }, this.head),
      this.body,
    );
    this.#fillHead();
  }

  get rowCount() {
    return this.body.children.length;
  }

  /** Whether a run is being renamed: the table then stays as it is. */
  get isEdited() {
    return this.body.querySelector("form") !== null;
  }

  /** @param {Job[]} [jobs] */
  show(jobs = this.#jobs) {
    this.#jobs = jobs;
    if (this.isEdited) return;
    const entries = this.#entries();
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    entries.forEach((entry, index) => {
      const row = this.#rowOf(entry);
      const present = this.body.children[index];
      if (present !== row.element) this.body.insertBefore(row.element, present ?? null);
    });
    this.#removeFrom(entries);
    if (focused && focused !== document.activeElement && this.body.contains(focused))
      focused.focus({ preventScroll: true });
    this.#showOrder();
    this.#showAllBox();
  }

  /** @param {Entry[]} entries */
  #removeFrom(entries) {
    const keys = new Set(entries.map(({ key }) => key));
    for (const [key, { element }] of this.#rows) {
      if (keys.has(key)) continue;
      element.remove();
      this.#rows.delete(key);
    }
  }

  /** @param {Entry} entry */
  #rowOf(entry) {
    const row = this.#rows.get(entry.key) ?? (entry.job ? new RunRow(this.view) : new ExperimentRow(this));
    this.#rows.set(entry.key, row);
    if (row instanceof RunRow) row.show(/** @type {Job} */ (entry.job), entry.isInside === true);
    else row.show(entry.key, entry.jobs ?? [], this.#open.has(entry.key));
    return row;
  }

  /** @returns {Entry[]} */
  #entries() {
    /** @type {Map<string, Entry>} */
    const found = new Map();
    for (const job of this.#jobs) {
      const { experiment_id: id } = job;
      if (!id) found.set(job.id, { key: job.id, job });
      else if (found.has(id)) found.get(id)?.jobs?.push(job);
      else found.set(id, { key: id, jobs: [job] });
    }
    return [...found.values()].flatMap((entry) => [entry, ...(this.#open.has(entry.key) ? inside(entry) : [])]);
  }

  /** @param {string} id */
  toggle(id) {
    if (!this.#open.delete(id)) this.#open.add(id);
    this.show();
  }

  #fillHead() {
    const onchange = (/** @type {any} */ event) => this.#chooseAll(event.target.checked);
    this.all = h("input", { type: "checkbox", "aria-label": t("runs.choose_all"), onchange });
    const columns = COLUMNS.map((name) => this.#headCell(name));
    const tools = h("td", { role: "cell" });
    const star = h("th", { role: "columnheader", scope: "col" }, h("span", { class: "unseen" }, t("runs.star")));
    const names = ["run", "status"].map((name) => h("th", { role: "columnheader", scope: "col" }, t(`runs.${name}`)));
    const all = h("label", { class: "target" }, this.all);
    this.head.append(h("td", { role: "cell" }, all), star, ...names, ...columns, tools);
  }

  /** @param {string} name */
  #headCell(name) {
    const properties = { role: "columnheader", scope: "col", class: `col-${name}`, "data-column": name };
    const sort = SORTS[name];
    if (!sort) return h("th", properties, t(`runs.${name}`));
    const onclick = () => {
      const { state } = this.view;
      this.view.sortBy(sort, state.sort === sort && state.order === "desc" ? "asc" : "desc");
    };
    return h("th", properties, button(t(`runs.${name}`), onclick, { class: "quiet sort" }));
  }

  #showOrder() {
    const { sort, order } = this.view.state;
    for (const [name, key] of Object.entries(SORTS)) {
      const cell = this.head.querySelector(`[data-column=${name}]`);
      const direction = order === "desc" ? "descending" : "ascending";
      cell?.setAttribute("aria-sort", sort === key ? direction : "none");
    }
  }

  #showAllBox() {
    const shown = this.#jobs.filter(({ id }) => this.view.chosen.has(id)).length;
    const all = /** @type {HTMLInputElement} */ (this.all);
    all.checked = shown > 0 && shown === this.#jobs.length;
    all.indeterminate = shown > 0 && !all.checked;
  }

  /** @param {boolean} isChosen */
  #chooseAll(isChosen) {
    for (const { id } of this.#jobs) isChosen ? this.view.chosen.add(id) : this.view.chosen.delete(id);
    this.view.show();
  }
}

/**
 * @param {Entry} entry
 * @returns {Entry[]}
 */
const inside = ({ jobs = [] }) => jobs.map((job) => ({ key: `${job.experiment_id}/${job.id}`, job, isInside: true }));

/** The row of an experiment: its name, how many runs it has, and a button that shows them. */
class ExperimentRow {
  /** @param {RunTable} table */
  constructor(table) {
    this.table = table;
    this.key = "";
    this.toggle = button("", () => table.toggle(this.key), { class: "quiet fold" });
    this.link = h("a");
    this.count = h("span", { class: "hint" });
    const name = h("th", { role: "rowheader", scope: "row" }, h("div", {}, this.toggle, this.link, this.count));
    this.element = h(
      "tr",
      { role: "row", class: "experiment" },
      h("td", { role: "cell" }),
      h("td", { role: "cell" }),
      name,
    );
    name.colSpan = COLUMNS.length + 3;
  }

  /**
   * @param {string} id
   * @param {Job[]} jobs
   * @param {boolean} isOpen
   */
  show(id, jobs, isOpen) {
    this.key = id;
    const experiment = this.table.view.experiments.get(id);
    const name = experiment ? titleOf(experiment) : id;
    this.link.textContent = name;
    this.link.href = `#/experiment/${id}`;
    this.count.textContent = t("runs.of_experiment", { runs: number(jobs.length) });
    this.toggle.textContent = isOpen ? "▾" : "▸";
    this.toggle.setAttribute("aria-expanded", String(isOpen));
    this.toggle.setAttribute("aria-label", t("runs.unfold", { name }));
  }
}
