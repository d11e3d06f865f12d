// @ts-check
// The view that compares jobs: a table of their results and differences, and their curves in one chart.

import { get } from "../net/api.js";
import { readChances } from "../net/chance.js";
import { hasEnded } from "../net/jobs.js";
import { Newest, oneAtATime, repeat } from "../net/timing.js";
import { button, errorLine, fill, h, labelled, panel, refill, scrollable, select, setText } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { noJobs } from "../ui/jobs.js";
import { fileName, saveFile } from "../ui/saving.js";
import { term } from "../ui/term.js";
import { t } from "../ui/words.js";
import { ComparedCurves } from "./compare_chart.js";
import { forkForm } from "./compare_fork.js";
import { groupTable, hasGroups } from "./compare_groups.js";
import { CompareJobs, isGone } from "./compare_jobs.js";
import { CompareList } from "./compare_list.js";
import { addressOf, FIGURES, naturalPlace, PLACES, stateOf } from "./compare_state.js";
import { ComparisonTable } from "./compare_table.js";

/** @import { Comparison } from "../net/types.d.ts" */

const POLL_MS = 2000;
const LIST_POLL_MS = 5000;

/** How many of the newest jobs are compared where the address names none. */
const FIRST_JOBS = 3;

/**
 * Compares jobs.
 * @param {HTMLElement} root
 * @param {string} argument Job ids, separated by commas, and behind a question mark what is pinned and shown.
 * @param {AbortSignal} signal
 */
export async function compare(root, argument, signal) {
  const view = new CompareView(argument, signal);
  await view.jobs.read();
  if (!view.jobs.all.length) return void fill(root, h("h1", {}, t("compare.title")), noJobs());
  const { chosen } = view.state;
  if (!chosen.size) for (const { id } of view.jobs.all.slice(0, FIRST_JOBS)) chosen.add(id);
  fill(root, view.parts());
  view.showGone();
  await view.refresh();
  repeat(POLL_MS, view.poll, signal);
  repeat(LIST_POLL_MS, view.pollList, signal);
  addEventListener("serviceback", () => view.refresh(), { signal });
}

class CompareView {
  /** @type {Comparison} */
  comparison = { jobs: [], differences: [], groups: [] };
  isGrouped = true;
  requests = new Newest();

  /**
   * @param {string} argument
   * @param {AbortSignal} signal
   */
  constructor(argument, signal) {
    this.signal = signal;
    this.state = stateOf(argument);
    this.jobs = new CompareJobs(this.state, signal);
    this.chart = new ComparedCurves(this.state, signal);
    this.error = errorLine();
    this.gone = h("p", { class: "hint", role: "status", id: "gone", hidden: true });
    this.list = new CompareList(
      this.state,
      (id, isOn) => this.choose(id, isOn),
      (id, isOn) => this.pin(id, isOn),
    );
    this.table = new ComparisonTable({
      onFork: (id) => this.fork(id),
      jobOf: (id) => this.jobs.of(id),
      pinned: this.state.pinned,
    });
    this.forkPlace = h("div");
    this.groupPlace = h("div", { hidden: true });
    this.groupSwitch = h("span", { hidden: true }, this.box("grouped", t("compare.group"), true, this.group));
    this.poll = oneAtATime(async () => {
      if (!this.comparison.jobs.every(hasEnded)) await this.refresh();
    });
    this.pollList = oneAtATime(() => this.refreshList());
  }

  parts() {
    const title = t("compare.table");
    const csv = button("CSV", () => this.saveTable(), { class: "quiet", id: "compare-csv" });
    csv.setAttribute("aria-label", t("chart.save", { format: "CSV", label: title }));
    const head = h("div", { class: "panel-head" }, h("h2", {}, title), h("div", { class: "knobs" }, csv));
    const results = h("section", { class: "panel results" }, head, scrollable(title, this.table.element));
    const main = h("div", { class: "compared-results" }, results, this.forkPlace, this.chartPanel(), this.groupPlace);
    return [
      h("h1", {}, t("compare.title")),
      this.gone,
      this.error,
      h("div", { class: "compare" }, main, this.list.element),
    ];
  }

  chartPanel() {
    const figures = FIGURES.map((name) => /** @type {[string, string]} */ ([name, t(`compare.${name}`)]));
    const places = PLACES.map((name) => /** @type {[string, string]} */ ([name, t(`compare.place.${name}`)]));
    const figure = select(figures, this.state.figure, (name) => this.showFigure(name), { id: "figure" });
    this.place = select(places, this.state.place, (place) => this.change({ place }), { id: "x-axis" });
    const log = this.box("logarithmic", t("watch.logarithmic"), this.state.isLogarithmic, (isLogarithmic) =>
      this.change({ isLogarithmic }),
    );
    const choices = [labelled(t("compare.curve"), figure), labelled(t("compare.place"), this.place), log];
    const head = h("div", { class: "panel-head" }, choices, this.groupSwitch);
    return h("section", { class: "panel", "aria-label": t("compare.curves") }, head, this.chart.element);
  }

  /**
   * @param {string} id
   * @param {string} label
   * @param {boolean} checked
   * @param {(isOn: boolean) => void} onChange
   */
  box(id, label, checked, onChange) {
    const onchange = (/** @type {any} */ event) => onChange(event.target.checked);
    return h("label", { class: "tick", htmlFor: id }, h("input", { type: "checkbox", id, checked, onchange }), label);
  }

  /** Shows how much the results of runs of equal configuration vary. */
  showGroups() {
    const isShown = hasGroups(this.comparison);
    this.groupSwitch.hidden = !isShown;
    this.groupPlace.hidden = !isShown || !this.isGrouped;
    if (!isShown) return;
    const [title, table] = [t("compare.groups"), groupTable(this.comparison)];
    const hint = h("p", { class: "hint" }, t("compare.groups.hint"));
    refill(this.groupPlace, panel(term("seed", title), hint, scrollable(title, table)));
  }

  group = (/** @type {boolean} */ isGrouped) => {
    this.isGrouped = isGrouped;
    this.refresh();
  };

  /** @param {string} figure */
  showFigure(figure) {
    const wasNatural = this.state.place === naturalPlace(this.state.figure);
    const place = wasNatural ? naturalPlace(figure) : this.state.place;
    if (this.place) this.place.value = place;
    return this.change({ figure, place });
  }

  /** @param {Partial<import("./compare_state.js").CompareState>} changes */
  change(changes) {
    Object.assign(this.state, changes);
    history.replaceState(null, "", addressOf(this.state));
    return this.refresh();
  }

  /**
   * Adds a job to the comparison or removes it.
   * @param {string} id
   * @param {boolean} isChosen
   */
  choose(id, isChosen) {
    if (isChosen) this.state.chosen.add(id);
    else this.state.chosen.delete(id);
    return this.change({});
  }

  /**
   * @param {string} id
   * @param {boolean} isPinned
   */
  pin(id, isPinned) {
    if (isPinned) this.state.pinned.add(id);
    else this.state.pinned.delete(id);
    this.state.chosen.add(id);
    return this.change({});
  }

  /** Reads the comparison and shows it. */
  async refresh() {
    const isNewest = this.requests.start();
    this.list.show(this.jobs.all);
    try {
      const chances = readChances(this.jobs.chosen, this.signal);
      const [comparison] = await Promise.all([this.readComparison(), chances]);
      if (!isNewest()) return;
      this.comparison = comparison;
      this.jobs.update(comparison);
      this.error.textContent = "";
      this.table.show(comparison, { isGrouped: this.isGrouped && hasGroups(comparison) });
      this.showGroups();
      await this.showChart();
    } catch (error) {
      if (isGone(error) && isNewest()) return this.refreshWithoutGone();
      if (!this.signal.aborted && isNewest()) this.error.textContent = requestError(error);
    }
  }

  /** Compares the other jobs after one of them has been deleted. */
  async refreshWithoutGone() {
    const before = this.jobs.gone.length;
    await this.refreshList({ isAnew: true });
    if (this.jobs.gone.length > before) await this.refresh();
  }

  /** @param {{ isAnew?: boolean }} [options] */
  async refreshList(options) {
    try {
      await this.jobs.read(options);
      this.showGone();
      this.list.show(this.jobs.all);
    } catch (error) {
      if (!this.signal.aborted) this.error.textContent = requestError(error);
    }
  }

  /** Says which of the runs in the address do not exist. */
  showGone() {
    const { gone } = this.jobs;
    this.gone.hidden = !gone.length;
    setText(this.gone, gone.length ? t("compare.gone", { ids: gone.join(", ") }) : "");
  }

  get ids() {
    return this.jobs.chosen.map(({ id }) => id).join(",");
  }

  /** @returns {Promise<Comparison>} */
  async readComparison() {
    if (!this.ids) return { jobs: [], differences: [], groups: [] };
    return get(`v1/compare?jobs=${this.ids}`, { signal: this.signal });
  }

  async showChart() {
    const { jobs, groups } = this.comparison;
    const { figure, place } = this.state;
    const hasPoints = jobs.some((job) => (figure === "loss" ? job.step : job.epochs_done) > 0);
    if (!hasPoints) return this.chart.clear();
    const isGrouped = this.isGrouped && hasGroups(this.comparison);
    const options = [isGrouped && "&group=config", place !== naturalPlace(figure) && `&x=${place}`];
    const query = `jobs=${this.ids}&figure=${figure}${options.filter(Boolean).join("")}`;
    await this.chart.show(query, isGrouped ? groups.length : jobs.length);
  }

  saveTable() {
    const names = this.comparison.jobs.map(({ label }) => label);
    saveFile(new Blob([this.table.csv()], { type: "text/csv" }), `${fileName(names)}.csv`);
  }

  /**
   * Shows the form that forks a job.
   * @param {string} id
   */
  fork(id) {
    const job = this.jobs.of(id);
    if (!job) return;
    const form = forkForm(job);
    fill(this.forkPlace, form);
    form.scrollIntoView({ block: "nearest" });
    form.querySelector("input")?.focus();
  }
}
