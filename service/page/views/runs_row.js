// @ts-check
// One row of the table of runs: its facts, its star, and the form to rename it.

import { hasEnded } from "../net/jobs.js";
import { isStarred, noteOf, starRun } from "../net/runs.js";
import { button, fill, h, refill } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { dateAndTime, duration, MISSING, number, percent } from "../ui/format.js";
import { badgeOf, nameOf } from "../ui/jobs.js";
import { t } from "../ui/words.js";
import { editForm } from "./runs_edit.js";

/** @import { Job } from "../net/types.d.ts" */

export class RunRow {
  #shown = "";
  /** @type {Job} */
  job = /** @type {any} */ (null);

  /** @param {any} view The view of runs. */
  constructor(view) {
    this.view = view;
    this.name = h("th", { role: "rowheader", scope: "row", class: "name" });
    this.element = h("tr", { role: "row" });
  }

  /**
   * Shows a run; does nothing where all its facts are on the screen.
   * @param {Job} job
   * @param {boolean} isInside Whether it stands below its experiment.
   */
  show(job, isInside) {
    this.job = job;
    const facts = factsOf(job);
    const isChosen = this.view.chosen.has(job.id);
    const now = JSON.stringify([facts, nameOf(job), noteOf(job), isStarred(job), job.status, isChosen]);
    if (now === this.#shown) return;
    this.#shown = now;
    this.element.className = `run${isInside ? " inside" : ""}${isChosen ? " chosen" : ""}`;
    this.element.dataset.run = job.id;
    this.#fillName();
    refill(
      this.element,
      cell("choose", "", this.#choiceBox(isChosen)),
      cell("star", "", this.#starButton()),
      this.name,
      cell("status", t("runs.status"), badgeOf(job)),
      Object.entries(facts).map(([name, text]) => cell(name, t(`runs.${name}`), text)),
      cell("tools", "", this.#editButton()),
    );
  }

  #fillName() {
    const note = noteOf(this.job);
    const link = h("a", { href: `#/watch/${this.job.id}` }, nameOf(this.job));
    refill(this.name, link, note && h("p", { class: "hint note" }, note));
  }

  /** @param {boolean} isChosen */
  #choiceBox(isChosen) {
    const onchange = (/** @type {any} */ event) => this.view.choose(this.job.id, event.target.checked);
    const label = t("runs.choose", { name: nameOf(this.job) });
    return h(
      "label",
      { class: "target" },
      h("input", { type: "checkbox", checked: isChosen, "aria-label": label, onchange }),
    );
  }

  #starButton() {
    const isOn = isStarred(this.job);
    const label = t("runs.star.of", { name: nameOf(this.job) });
    const properties = { class: "quiet round star", "aria-pressed": String(isOn), "aria-label": label };
    return button(isOn ? "★" : "☆", () => this.#star(!isOn), properties);
  }

  /** @param {boolean} isOn */
  async #star(isOn) {
    try {
      this.view.replace(await starRun(this.job.id, isOn));
    } catch (error) {
      this.view.error.textContent = requestError(error);
    }
  }

  #editButton() {
    const label = t("runs.edit", { name: nameOf(this.job) });
    return button("✎", () => this.#edit(), {
      class: "quiet round edit",
      "aria-label": label,
      title: t("runs.edit.title"),
    });
  }

  #edit() {
    const close = (/** @type {Job | null} */ changed) => {
      this.#fillName();
      if (changed) this.view.replace(changed);
      else this.view.show();
      /** @type {HTMLElement | null} */ (this.element.querySelector(".edit"))?.focus();
    };
    const form = editForm(this.job, close);
    fill(this.name, form);
    form.querySelector("input")?.focus();
  }
}

/**
 * What the columns show of a run, by their names.
 * @param {Job} job
 * @returns {Record<string, string>}
 */
const factsOf = (job) => ({
  created: dateAndTime(job.created_at),
  dataset: job.datasets?.map(({ name }) => name).join(" + ") ?? job.dataset,
  layers: job.network.layers.map(({ units }) => units).join("–"),
  optimizer: `${job.optimizer.name} ${number(job.optimizer.learning_rate)}`,
  epochs: `${number(job.progress.epoch)} / ${number(job.epochs)}`,
  accuracy: percent(job.result?.test_accuracy, 2),
  duration: durationOf(job),
  seed: String(job.seed ?? MISSING),
});

/** @param {Job} job */
function durationOf({ started_at: start, finished_at: end, status }) {
  if (!start || (!end && hasEnded({ status }))) return MISSING;
  return duration(((end ? Date.parse(end) : Date.now()) - Date.parse(start)) / 1000);
}

/**
 * @param {string} name
 * @param {string} label Stands before the value where the table is a list of cards.
 * @param {import("../ui/dom.js").Child} content
 */
const cell = (name, label, content) => h("td", { role: "cell", class: `col-${name}`, "data-label": label }, content);
