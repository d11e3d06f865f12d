// @ts-check
// The list of experiments, newest first.

import { get } from "../net/api.js";
import { fill, h, panel, scrollable } from "../ui/dom.js";
import { dateAndTime, number } from "../ui/format.js";
import { badge } from "../ui/jobs.js";
import { t } from "../ui/words.js";

/** @import { Experiment } from "../net/experiment_types.d.ts" */

const LISTED = 50;

/** A title names so many arms; of more, the first one. */
const MOST_NAMES = 3;

const COLUMNS = ["experiment.name", "experiment.arms", "experiment.list.runs", "experiment.created"];

/**
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
export async function experimentList(root, signal) {
  /** @type {{ data: Experiment[] }} */
  const { data } = await get(`v1/experiments?limit=${LISTED}`, { signal });
  fill(
    root,
    h("h1", {}, t("experiment.title")),
    h("p", { class: "lead" }, t("experiment.lead")),
    data.length ? listPanel(data) : h("div", { class: "empty" }, h("p", {}, t("experiment.none"))),
    h("p", { class: "next" }, h("a", { class: "button main", href: "#/train" }, t("experiment.first"))),
  );
}

/**
 * The name of an experiment, or the names of its arms.
 * @param {Experiment} experiment
 */
export function titleOf({ name, arms }) {
  const names = arms.map((arm) => arm.name);
  if (name || names.length <= MOST_NAMES) return name || names.join(", ");
  return t("experiment.many", { first: names[0], more: names.length - 1 });
}

/** @param {Experiment[]} experiments */
function listPanel(experiments) {
  const heads = COLUMNS.map((key, index) => h("th", { scope: "col", class: index ? "number" : null }, t(key)));
  const table = h("table", { id: "experiments" }, h("thead", {}, h("tr", {}, heads)));
  table.append(h("tbody", {}, experiments.map(row)));
  return panel(t("experiment.all"), scrollable(t("experiment.all"), table, { class: "scroll tall" }));
}

/** @param {Experiment} experiment */
function row(experiment) {
  const { id, arms, jobs, status, created_at: created } = experiment;
  const link = h("a", { href: `#/experiment/${id}` }, titleOf(experiment));
  const cells = [number(arms.length), number(jobs.total), dateAndTime(created)].map((text) =>
    h("td", { class: "number" }, text),
  );
  return h("tr", {}, h("th", { scope: "row" }, link, " ", badge(/** @type {any} */ (status))), cells);
}
