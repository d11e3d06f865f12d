// @ts-check
// The tables of an experiment: its arms, the pairs of arms, and all runs with links to them.

import { h, panel, scrollable } from "../ui/dom.js";
import { MISSING, number } from "../ui/format.js";
import { termIfKnown } from "../ui/term.js";
import { t } from "../ui/words.js";
import { writerOf } from "./experiment_numbers.js";
import { pairName, stateName } from "./experiment_sentence.js";

/**
 * @import { ArmResult, ExperimentPair, ExperimentResult, ExperimentRun } from "../net/experiment_types.d.ts"
 * @import { Child } from "../ui/dom.js"
 * @import { Writer } from "./experiment_numbers.js"
 */

/** @param {ExperimentResult} result */
export function armTable({ arms, metric, best }) {
  const writer = writerOf(metric);
  const columns = ["arm", "mean", "interval", "sd", "n", "minimum", "maximum", "without"];
  const rows = arms.map((arm) => [arm.name === best ? h("strong", {}, arm.name) : arm.name, ...armCells(arm, writer)]);
  return table("arms", t("experiment.arms"), columns, rows);
}

/**
 * @param {ArmResult} arm
 * @param {Writer} writer
 */
function armCells({ mean, interval, sd, n, minimum, maximum, ...counts }, { value, size }) {
  const states = /** @type {const} */ (["failed", "diverged", "cancelled", "stopped", "pending"]);
  const without = states
    .filter((state) => counts[state])
    .map((state) => `${number(counts[state])} ${stateName(state)}`);
  const ends = intervalText(interval, value);
  return [value(mean), ends, size(sd), number(n), value(minimum), value(maximum), without.join(", ") || MISSING];
}

/** @param {ExperimentResult} result */
export function pairTable({ pairs, metric, pairs_tested: tested }) {
  const writer = writerOf(metric);
  const columns = ["pair", "difference", "interval", "wins", "p", ...(tested > 1 ? ["p_holm"] : []), "verdict"];
  const rows = pairs.map((pair) => pairCells(pair, writer, tested > 1));
  return table("pairs", t("experiment.pairs"), columns, rows);
}

/**
 * @param {ExperimentPair} pair
 * @param {Writer} writer
 * @param {boolean} isCorrected
 */
function pairCells(pair, { difference }, isCorrected) {
  return [
    pairName(pair),
    difference(pair.difference),
    intervalText(pair.interval, difference),
    t("experiment.wins.of", { wins: pair.wins, n: pair.n }),
    number(pair.p, 2),
    ...(isCorrected ? [number(pair.p_holm, 2)] : []),
    t(`verdict.${pair.verdict}`),
  ];
}

/**
 * All runs, one row a seed; each is a link to its job.
 * @param {ExperimentResult} result
 */
export function runTable({ arms, seeds, metric }) {
  const { value } = writerOf(metric);
  const heads = [t("run.seed"), ...arms.map(({ name }) => name)].map((text) => h("th", { scope: "col" }, text));
  const rows = seeds.map((seed) => {
    const runs = arms.map(({ jobs }) => jobs.find((run) => run.seed === seed));
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, String(seed)),
      runs.map((run) => h("td", {}, runLink(run, value))),
    );
  });
  const title = t("experiment.runs");
  const whole = h("table", { id: "experiment-runs" }, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows));
  return panel(title, scrollable(title, whole));
}

/**
 * @param {ExperimentRun | undefined} run
 * @param {(value: number) => string} value
 */
function runLink(run, value) {
  if (!run) return MISSING;
  const text = run.value === null ? stateName(run.state) : value(run.value);
  return run.job_id ? h("a", { href: `#/watch/${run.job_id}` }, text) : text;
}

/**
 * @param {[number, number] | null} interval
 * @param {(value: number) => string} write
 */
export const intervalText = (interval, write) =>
  interval ? t("experiment.interval.text", { low: write(interval[0]), high: write(interval[1]) }) : MISSING;

/**
 * @param {string} id
 * @param {string} title
 * @param {string[]} columns
 * @param {Child[][]} rows
 */
function table(id, title, columns, rows) {
  const heads = columns.map((name) => h("th", { scope: "col" }, termIfKnown(name, t(`experiment.${name}`))));
  const body = rows.map(([first, ...cells]) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, first),
      cells.map((cell) => h("td", {}, cell)),
    ),
  );
  const whole = h("table", { id }, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, body));
  return panel(title, scrollable(title, whole));
}
