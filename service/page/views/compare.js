// @ts-check
// The view that compares jobs: their curves in one chart, and a table of their differences and results.

import { get } from "../net/api.js";
import { hasEnded, newestJobs } from "../net/jobs.js";
import { Newest, repeat } from "../net/timing.js";
import { Chart } from "../plots/chart.js";
import { errorLine, fill, h, labelled, panel, refill, scrollable, select, uniqueId } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { lineOf, noJobs } from "../ui/jobs.js";
import { term } from "../ui/term.js";
import { t } from "../ui/words.js";
import { forkForm } from "./compare_fork.js";
import { groupTable, hasGroups } from "./compare_groups.js";
import { ComparisonTable } from "./compare_table.js";

/** @import { Comparison, Job } from "../net/types.d.ts" */

const POLL_MS = 2000;
const CHART_HEIGHT = 400;
const CURVES = ["loss", "test_accuracy", "train_accuracy", "test_loss", "train_loss"];
const LISTED_JOBS = 100;

/** How many of the newest jobs are compared where the address names none. */
const FIRST_JOBS = 3;

/**
 * Compares jobs.
 * @param {HTMLElement} root
 * @param {string} idList Job ids, separated by commas.
 * @param {AbortSignal} signal
 */
export async function compare(root, idList, signal) {
  const jobs = await newestJobs(signal, LISTED_JOBS);
  if (!jobs.length) return void fill(root, h("h1", {}, t("compare.title")), noJobs());
  const named = idList.split(",").filter(Boolean);
  for (const id of named) {
    if (!jobs.some((job) => job.id === id)) jobs.push(await get(`v1/jobs/${id}`, { signal }));
  }
  const chosen = named.length ? named : jobs.slice(0, FIRST_JOBS).map(({ id }) => id);
  const view = new CompareView(jobs, chosen, signal);
  fill(root, view.parts());
  await view.refresh();
  repeat(POLL_MS, () => view.poll(), signal);
}

class CompareView {
  curve = CURVES[0];
  /** @type {Comparison} */
  comparison = { jobs: [], differences: [], groups: [] };
  isGrouped = true;
  requests = new Newest();

  /**
   * @param {Job[]} jobs All that can be chosen.
   * @param {string[]} chosen Ids.
   * @param {AbortSignal} signal
   */
  constructor(jobs, chosen, signal) {
    this.jobs = jobs;
    this.chosen = new Set(chosen);
    this.signal = signal;
    this.chart = new Chart({ id: "overlay", label: t("compare.chart"), height: CHART_HEIGHT, signal });
    this.error = errorLine();
    this.table = new ComparisonTable((id) => this.fork(id));
    this.forkPlace = h("div");
    this.groupPlace = h("div", { hidden: true });
    this.groupSwitch = h("span", { hidden: true }, this.groupBox());
  }

  parts() {
    const title = t("compare.table");
    return [
      h("h1", {}, t("compare.title")),
      h("p", { class: "lead" }, t("compare.lead")),
      h("div", { class: "compare" }, this.jobList(), this.chartPanel()),
      this.groupPlace,
      panel(title, scrollable(title, this.table.element, { class: "scroll tall" })),
      this.forkPlace,
    ];
  }

  jobList() {
    const items = this.jobs.map((job) => this.jobItem(job));
    return h("fieldset", { class: "runs" }, h("legend", {}, t("compare.jobs")), h("ul", {}, items));
  }

  /** @param {Job} job */
  jobItem(job) {
    const id = uniqueId("run");
    const box = h("input", {
      type: "checkbox",
      id,
      value: job.id,
      checked: this.chosen.has(job.id),
      onchange: (event) => this.choose(job.id, event.target.checked),
    });
    return h("li", {}, box, h("label", { htmlFor: id }, lineOf(job)));
  }

  chartPanel() {
    const curves = CURVES.map((name) => /** @type {[string, string]} */ ([name, t(`compare.${name}`)]));
    const show = (/** @type {string} */ curve) => {
      this.curve = curve;
      this.refresh();
    };
    const chooser = labelled(t("compare.curve"), select(curves, this.curve, show, { id: "figure" }));
    const head = h("div", { class: "panel-head" }, chooser, this.groupSwitch);
    return h("section", { class: "panel" }, head, this.error, this.chart.element);
  }

  groupBox() {
    const onchange = (/** @type {any} */ event) => {
      this.isGrouped = event.target.checked;
      this.refresh();
    };
    const box = h("input", { type: "checkbox", id: "grouped", checked: this.isGrouped, onchange });
    return [box, " ", h("label", { htmlFor: box.id }, t("compare.group"))];
  }

  /** Shows how much the results of runs of equal configuration vary. */
  showGroups() {
    const isShown = hasGroups(this.comparison);
    this.groupSwitch.hidden = !isShown;
    this.groupPlace.hidden = !isShown || !this.isGrouped;
    if (!isShown) return;
    const [title, table] = [t("compare.groups"), groupTable(this.comparison)];
    refill(
      this.groupPlace,
      panel(term("seed", title), h("p", { class: "hint" }, t("compare.groups.hint")), scrollable(title, table)),
    );
  }

  /**
   * Adds a job to the comparison or removes it.
   * @param {string} id
   * @param {boolean} isChosen
   */
  choose(id, isChosen) {
    if (isChosen) this.chosen.add(id);
    else this.chosen.delete(id);
    history.replaceState(null, "", `#/compare/${[...this.chosen].join(",")}`);
    this.refresh();
  }

  /** Reads the comparison and shows it. */
  async refresh() {
    const isNewest = this.requests.start();
    try {
      const comparison = await this.readComparison();
      if (!isNewest()) return;
      this.comparison = comparison;
      this.error.textContent = "";
      this.table.show(comparison, { isGrouped: this.isGrouped && hasGroups(comparison) });
      this.showGroups();
      await this.showChart();
    } catch (error) {
      if (!this.signal.aborted && isNewest()) this.error.textContent = requestError(error);
    }
  }

  /** The chosen ids in the order of the list. */
  get ids() {
    const chosen = this.jobs.filter(({ id }) => this.chosen.has(id));
    return chosen.map(({ id }) => id).join(",");
  }

  /** @returns {Promise<Comparison>} */
  async readComparison() {
    if (!this.ids) return { jobs: [], differences: [], groups: [] };
    return get(`v1/compare?jobs=${this.ids}`, { signal: this.signal });
  }

  async showChart() {
    const { jobs } = this.comparison;
    const hasPoints = jobs.some((job) => (this.curve === "loss" ? job.step : job.epochs_done) > 0);
    if (!hasPoints) return this.chart.clear();
    const group = this.isGrouped && hasGroups(this.comparison) ? "&group=config" : "";
    await this.chart.show(`v1/compare/curve?jobs=${this.ids}&figure=${this.curve}${group}`);
  }

  /** Reads again while a compared job still trains. */
  async poll() {
    if (!this.comparison.jobs.every(hasEnded)) await this.refresh();
  }

  /**
   * Shows the form that forks a job.
   * @param {string} id
   */
  fork(id) {
    const job = this.jobs.find((each) => each.id === id);
    if (!job) return;
    const form = forkForm(job);
    fill(this.forkPlace, form);
    form.scrollIntoView({ block: "nearest" });
    form.querySelector("input")?.focus();
  }
}
