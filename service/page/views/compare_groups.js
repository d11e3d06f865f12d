// @ts-check
// A table of groups of runs whose configurations are equal in all but the seed: how much the results of each vary.

import { h } from "../ui/dom.js";
import { MISSING, number, percent } from "../ui/format.js";
import { t } from "../ui/words.js";
import { labelOf } from "./compare_columns.js";
import { seriesKey } from "./compare_table.js";

/** @import { Comparison, JobGroup, Spread } from "../net/types.d.ts" */

const METRICS = /** @type {const} */ (["test_accuracy", "test_loss", "train_accuracy", "train_loss"]);

/**
 * Whether any of the compared jobs were trained several times, with another seed each.
 * @param {Comparison} comparison
 */
export const hasGroups = ({ groups }) => groups.some(({ jobs }) => jobs.length > 1);

/** @param {Comparison} comparison */
export function groupTable({ jobs, groups, differences }) {
  const fields = differences.filter(({ pointer }) => pointer !== "/seed");
  const heads = [t("jobs.run"), t("compare.group.runs"), ...fields.map(({ pointer }) => labelOf(pointer))];
  const head = [...heads, ...METRICS.map((name) => t(`metric.${name}`))].map((text) => h("th", { scope: "col" }, text));
  const rows = groups.map((group, index) => {
    const first = jobs.findIndex(({ id }) => id === group.jobs[0]);
    const values = fields.map((field) => String(field.values[first] ?? MISSING));
    return groupRow(group, index, values);
  });
  return h("table", { id: "groups" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows));
}

/**
 * @param {JobGroup} group
 * @param {number} index
 * @param {string[]} values Its values of the fields in which the groups differ.
 */
function groupRow(group, index, values) {
  const results = METRICS.map((name) => spreadText(name, group.figures[name]));
  const cells = [number(group.jobs.length), ...values, ...results].map((text) => h("td", {}, text));
  return h("tr", {}, h("th", { scope: "row" }, h("span", seriesKey(index), group.label)), cells);
}

/**
 * The mean and the standard deviation, such as `98.10 % ± 0.12`.
 * @param {string} metric
 * @param {Spread | null} spread
 */
function spreadText(metric, spread) {
  if (!spread) return MISSING;
  const isShare = metric.endsWith("accuracy");
  const mean = isShare ? percent(spread.mean, 2) : number(spread.mean);
  if (spread.sd === null) return mean;
  return t("compare.group.spread", { mean, sd: number(isShare ? spread.sd * 100 : spread.sd, 2) });
}
