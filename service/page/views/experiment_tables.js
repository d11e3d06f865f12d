// @ts-check
// The tables of an experiment: its arms, the pairs of arms, and all runs with links to them.

import { h, panel, scrollable } from "../ui/dom.js";
import { MISSING, measuredColumn, number } from "../ui/format.js";
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
export function armTable(result) {
  const { arms, best } = result;
  const writer = writerOf(result);
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
export function pairTable(result) {
  const { pairs, pairs_tested: tested } = result;
  const { difference } = writerOf(result);
  const p = measuredColumn(pairs.flatMap((pair) => [pair.p, pair.p_holm]));
  const columns = ["pair", "difference", "interval", "wins", "p", ...(tested > 1 ? ["p_holm"] : []), "verdict"];
  const rows = pairs.map((pair) => pairCells(pair, { difference, p }, tested > 1));
  return table("pairs", t("experiment.pairs"), columns, rows);
}

/**
 * @param {ExperimentPair} pair
 * @param {{ difference: Writer["difference"], p: (p: number | null) => string }} write
 * @param {boolean} isCorrected
 */
function pairCells(pair, { difference, p }, isCorrected) {
  return [
    pairName(pair),
    difference(pair.difference),
    intervalText(pair.interval, difference),
    t("experiment.wins.of", { wins: pair.wins, n: pair.n }),
    p(pair.p),
    ...(isCorrected ? [p(pair.p_holm)] : []),
    t(`verdict.${pair.verdict}`),
  ];
}

/**
 * All runs, one row a seed; each is a link to its job.
 * @param {ExperimentResult} result
 * @param {(arm: string, run: ExperimentRun) => boolean} learnedNothing
 */
export function runTable(result, learnedNothing) {
  const { arms, seeds } = result;
  const { value } = writerOf(result);
  const names = arms.map(({ name }) => h("th", { scope: "col", class: "number" }, name));
  const heads = [h("th", { scope: "col" }, t("run.seed")), ...names];
  const rows = seeds.map((seed) => {
    const cells = arms.map(({ name, jobs }) => {
      const run = jobs.find((each) => each.seed === seed);
      const mark = run && learnedNothing(name, run) && h("span", { class: "badge nothing" }, t("experiment.nothing"));
      return h("td", { class: "number" }, mark, " ", runLink(run, value));
    });
    return h("tr", {}, h("th", { scope: "row" }, String(seed)), cells);
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

/** The columns that have no numbers. */
const TEXTS = new Set(["arm", "pair", "without", "verdict"]);

/**
 * @param {string} id
 * @param {string} title
 * @param {string[]} columns
 * @param {Child[][]} rows
 */
function table(id, title, columns, rows) {
  const classes = columns.map((name) => (TEXTS.has(name) ? null : "number"));
  const heads = columns.map((name, index) =>
    h("th", { scope: "col", class: classes[index] }, termIfKnown(name, t(`experiment.${name}`))),
  );
  const body = rows.map(([first, ...cells]) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, first),
      cells.map((cell, index) => h("td", { class: classes[index + 1] }, cell)),
    ),
  );
  const whole = h("table", { id }, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, body));
  return panel(title, scrollable(title, whole));
}
