// @ts-check
// A table of groups of runs whose configurations are equal in all but the seed: how much the results of each vary.

import { h } from "../ui/dom.js";
import { exactColumn, MISSING, measuredColumn, number, percent, percentagePoints } from "../ui/format.js";
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
  const texts = [...heads, ...METRICS.map((name) => t(`metric.${name}`))];
  const head = texts.map((text, index) => h("th", { scope: "col", class: index ? "number" : null }, text));
  const writers = fields.map((field) => exactColumn(field.values));
  const losses = new Map(
    METRICS.map((name) => [name, measuredColumn(groups.map(({ figures }) => figures[name]?.mean))]),
  );
  const rows = groups.map((group, index) => {
    const first = jobs.findIndex(({ id }) => id === group.jobs[0]);
    const values = fields.map((field, place) => writers[place](field.values[first]));
    const results = METRICS.map((name) => spreadText(name, group.figures[name], losses.get(name)));
    return groupRow(group, index, [...values, ...results]);
  });
  return h("table", { id: "groups" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows));
}

/**
 * @param {JobGroup} group
 * @param {number} index
 * @param {string[]} values Its values of the fields in which the groups differ, and its results.
 */
function groupRow(group, index, values) {
  const cells = [number(group.jobs.length), ...values].map((text) => h("td", { class: "number" }, text));
  return h("tr", {}, h("th", { scope: "row" }, h("span", seriesKey(index), group.label)), cells);
}

/**
 * The mean and the standard deviation, such as `98.10 % ± 0.12`.
 * @param {string} metric
 * @param {Spread | null} spread
 * @param {(loss: number) => string} [loss] Writes losses with equal decimals.
 */
function spreadText(metric, spread, loss = number) {
  if (!spread) return MISSING;
  const isShare = metric.endsWith("accuracy");
  const mean = isShare ? percent(spread.mean, 2) : loss(spread.mean);
  if (spread.sd === null) return mean;
  return t("compare.group.spread", { mean, sd: isShare ? percentagePoints(spread.sd) : loss(spread.sd) });
}
