// @ts-check
// The view of an experiment: what it shows in one sentence, every run as it arrives, and how that was worked out.

import { get, send } from "../net/api.js";
import { isByChance, readChances } from "../net/chance.js";
import { repeat } from "../net/timing.js";
import { Chart } from "../plots/chart.js";
import { announce, button, errorLine, fill, h, panel, refill } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { numberField } from "../ui/fields.js";
import { submitForm } from "../ui/form_errors.js";
import { badge } from "../ui/jobs.js";
import { reportButton } from "../ui/report.js";
import { t } from "../ui/words.js";
import { dotPanel } from "./experiment_dots.js";
import { experimentList, titleOf } from "./experiment_list.js";
import { methodPart } from "./experiment_method.js";
import { noticesOf, verdictOf } from "./experiment_sentence.js";
import { SweepPanel } from "./experiment_sweep.js";
import { armTable, pairTable, runTable } from "./experiment_tables.js";

/** @import { Experiment, ExperimentResult } from "../net/experiment_types.d.ts" */

const POLL_MS = 1000;
const CHART_HEIGHT = 340;

/** More seeds than this are hardly ever wanted at once. */
const MOST_ADDED = 100;

/**
 * Shows an experiment, or the list of them where the address names none.
 * @param {HTMLElement} root
 * @param {string} id
 * @param {AbortSignal} signal
 */
export async function experiment(root, id, signal) {
  if (!id) return experimentList(root, signal);
  const [found, result] = await Promise.all([
    get(`v1/experiments/${id}`, { signal }),
    get(`v1/experiments/${id}/result`, { signal }),
  ]);
  await readChances(configsOf(found), signal);
  const view = new ExperimentView(found, signal);
  fill(root, view.parts());
  view.show(found, result);
  repeat(POLL_MS, () => view.poll(), signal);
  addEventListener("serviceback", () => view.read(), { signal });
}

/** @param {Experiment} experiment */
const configsOf = ({ arms }) => arms.map(({ config }) => config);

class ExperimentView {
  #shown = "";

  /**
   * @param {Experiment} experiment
   * @param {AbortSignal} signal
   */
  constructor(experiment, signal) {
    this.experiment = experiment;
    this.signal = signal;
    this.status = h("span", { id: "state" });
    this.verdict = h("div", { class: "verdict", id: "verdict" });
    this.progress = h("progress", { max: 1, value: 0, "aria-label": t("watch.progress") });
    this.counts = h("p", { class: "hint", id: "counts" });
    this.cancel = button(t("experiment.cancel"), () => this.#cancel(), { class: "danger", id: "cancel-experiment" });
    this.seedsForm = this.#seedsForm();
    this.notices = h("ul", { class: "notices", id: "notices" });
    this.dots = h("div");
    this.tables = h("div", { class: "stack" });
    this.method = h("div");
    this.error = errorLine();
    this.chart = new Chart({ id: "bands", label: t("experiment.bands"), height: CHART_HEIGHT, signal });
    this.bands = panel(t("experiment.bands"), this.chart.element);
    this.bands.hidden = true;
    this.sweep = new SweepPanel(this.path, signal);
  }

  parts() {
    const all = h("a", { class: "button quiet which", href: "#/experiment" }, t("experiment.all"));
    return [
      h("div", { class: "head" }, h("h1", {}, titleOf(this.experiment)), this.status, all),
      this.verdict,
      this.error,
      h("div", { class: "stack" }, this.progress, this.counts),
      h("div", { class: "controls" }, h("div", { class: "buttons" }, this.cancel), this.seedsForm),
      this.notices,
      this.dots,
      this.sweep.element,
      this.tables,
      this.bands,
      this.method,
      h("div", { class: "buttons" }, reportButton(this.path)),
    ];
  }

  get path() {
    return `v1/experiments/${this.experiment.id}`;
  }

  /** Reads the experiment again while it runs. */
  async poll() {
    if (this.experiment.status === "running") await this.read();
  }

  async read() {
    const { signal } = this;
    try {
      const found = await get(this.path, { signal });
      await readChances(configsOf(found), signal);
      this.show(found, await get(`${this.path}/result`, { signal }));
      this.error.textContent = "";
    } catch (error) {
      if (!signal.aborted) this.error.textContent = requestError(error);
    }
  }

  /**
   * @param {Experiment} found
   * @param {ExperimentResult} result
   */
  show(found, result) {
    const hasEnded = this.experiment.status === "running" && found.status !== "running";
    this.experiment = found;
    this.#showProgress();
    const text = JSON.stringify([found.status, result]);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#showStatus();
    this.#showVerdict(result);
    fill(this.notices, noticesOf(result));
    fill(this.dots, dotPanel(result));
    refill(this.tables, armTable(result), pairTable(result), this.#runTable(result));
    this.#showMethod(result);
    this.#showBands(result);
    this.sweep.show(result);
    if (hasEnded) announce(this.verdict.textContent ?? "");
  }

  /** @param {ExperimentResult} result */
  #runTable(result) {
    const configs = new Map(this.experiment.arms.map(({ name, config }) => [name, config]));
    return runTable(result, (arm, { value }) => {
      const config = configs.get(arm);
      return result.metric === "test_accuracy" && value !== null && config !== undefined && isByChance(config, value);
    });
  }

  #showProgress() {
    const { jobs } = this.experiment;
    const ended = jobs.succeeded + jobs.failed + jobs.cancelled + jobs.deleted;
    this.progress.value = jobs.total ? ended / jobs.total : 0;
    this.progress.hidden = this.experiment.status !== "running";
    this.counts.textContent = t("experiment.counts", { ended, total: jobs.total, running: jobs.running });
  }

  /** @param {ExperimentResult} result */
  #showVerdict(result) {
    const isOpen = this.verdict.querySelector("details")?.open ?? false;
    refill(this.verdict, verdictOf(result));
    const details = this.verdict.querySelector("details");
    if (details) details.open = isOpen;
  }

  #showStatus() {
    const { status } = this.experiment;
    fill(this.status, badge(status));
    this.cancel.hidden = status !== "running";
    this.seedsForm.hidden = status === "cancelled";
  }

  async #cancel() {
    try {
      await send("POST", `${this.path}/cancel`);
      await this.read();
    } catch (error) {
      this.error.textContent = requestError(error);
    }
  }

  /** A form that adds seeds to every arm; it is built once, so that what the visitor types stays while runs arrive. */
  #seedsForm() {
    const body = { add: Math.min(this.experiment.seeds.length, MOST_ADDED) };
    const error = errorLine();
    const form = h("form", { class: "rates", noValidate: true });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submitForm(form, error, async () => {
        await send("POST", `${this.path}/seeds`, body);
        await this.read();
      });
    });
    const onChange = (/** @type {any} */ add) => {
      body.add = add;
    };
    const field = { label: t("experiment.seeds"), value: body.add, pointer: "/add", onChange, isWhole: true };
    return fill(form, numberField(field), h("button", { id: "add-seeds" }, t("experiment.seeds.add")), error);
  }

  /** @param {ExperimentResult} result */
  #showMethod(result) {
    const isOpen = this.method.querySelector("details")?.open ?? false;
    refill(this.method, methodPart(result, { isOpen }));
  }

  /** @param {ExperimentResult} result */
  async #showBands(result) {
    const hasCurves = result.arms.some(({ n }) => n > 0);
    this.bands.hidden = !hasCurves;
    if (!hasCurves) return;
    this.chart.offerLogScale(result.metric.endsWith("loss"));
    await this.chart.show(`${this.path}/curve`).catch(() => {
      this.bands.hidden = true;
    });
  }
}
