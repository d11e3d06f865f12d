// @ts-check
// How an experiment's answer was worked out, step by step with its own numbers, folded.

import { h, scrollable } from "../ui/dom.js";
import { number } from "../ui/format.js";
import { t } from "../ui/words.js";
import { pairedValues } from "./experiment_dots.js";
import { writerOf } from "./experiment_numbers.js";
import { pairName } from "./experiment_sentence.js";
import { intervalText } from "./experiment_tables.js";

/**
 * @import { ExperimentPair, ExperimentResult } from "../net/experiment_types.d.ts"
 * @import { Writer } from "./experiment_numbers.js"
 */

/**
 * @param {ExperimentResult} result
 * @param {{ isOpen: boolean }} options
 */
export function methodPart(result, { isOpen }) {
  const pair = result.pairs.find(({ arm }) => arm === result.best) ?? result.pairs[0];
  if (!pair) return null;
  const writer = writerOf(result);
  const steps = [
    h("li", {}, t("method.paired", { arm: pair.arm, baseline: pair.baseline }), pairedTable(result, pair, writer)),
    ...intervalSteps(pair, writer),
    ...testSteps(result, pair),
    ...noiseSteps(pair, writer),
  ];
  const heading = h("summary", {}, t("method.title"));
  return h("details", { id: "method", open: isOpen }, heading, h("ol", { class: "steps" }, steps));
}

/**
 * @param {ExperimentResult} result
 * @param {ExperimentPair} pair
 * @param {Writer} writer
 */
function pairedTable({ arms }, pair, { value, difference }) {
  const heads = [t("run.seed"), pair.arm, pair.baseline, pairName(pair)];
  const rows = pairedValues(arms, pair).map((row) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, String(row.seed)),
      [value(row.value), value(row.other), difference(row.difference)].map((text) =>
        h("td", { class: "number" }, text),
      ),
    ),
  );
  const head = h(
    "tr",
    {},
    heads.map((text, index) => h("th", { scope: "col", class: index ? "number" : null }, text)),
  );
  return scrollable(pairName(pair), h("table", {}, h("thead", {}, head), h("tbody", {}, rows)));
}

/**
 * Mean, standard deviation, standard error, and Student's interval.
 * @param {ExperimentPair} pair
 * @param {Writer} writer
 */
function intervalSteps({ n, difference, sd, interval }, writer) {
  if (difference === null || sd === null || interval === null) return [];
  const error = sd / Math.sqrt(n);
  const [mean, spread, size] = [writer.difference(difference), writer.size(sd), writer.size(error)];
  const factor = error ? (interval[1] - interval[0]) / 2 / error : 0;
  const ends = intervalText(interval, writer.difference);
  return [
    h("li", {}, t("method.mean", { n, mean, spread })),
    h("li", {}, t("method.interval", { n, size, degrees: n - 1, factor, ends })),
  ];
}

/**
 * The sign-flip test, and Holm's correction where there are several pairs.
 * @param {ExperimentResult} result
 * @param {ExperimentPair} pair
 */
function testSteps({ pairs_tested: tested }, { n, p, p_holm: corrected, p_method: method }) {
  if (p === null) return [];
  const all = 2 ** n;
  const text =
    method === "exact"
      ? t("method.exact", { n, all, as_far: Math.round(p * all), p: number(p, 2) })
      : t("method.sampled", { n, p: number(p, 2) });
  const holm = t("method.holm", { tested, p: number(corrected, 2) });
  return [h("li", {}, text), ...(tested > 1 ? [h("li", {}, holm)] : [])];
}

/**
 * The noise that seeds do not show.
 * @param {ExperimentPair} pair
 * @param {Writer} writer
 */
function noiseSteps({ test_set_sd: noise }, writer) {
  return noise === null ? [] : [h("li", {}, t("method.test_set", { size: writer.size(noise) }))];
}
