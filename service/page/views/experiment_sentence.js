// @ts-check
// What an experiment shows, in sentences: the verdict, and what went wrong.

import { h } from "../ui/dom.js";
import { jobFailure } from "../ui/errors.js";
import { hasSentence, t } from "../ui/words.js";
import { writerOf } from "./experiment_numbers.js";

/** @import { ExperimentPair, ExperimentResult, ExperimentRun } from "../net/experiment_types.d.ts" */

/** So many sentences about pairs are shown; more are folded. */
const MOST_SENTENCES = 3;

/**
 * The sentence on top. With more than two arms it names the best one, above a sentence for each pair with it.
 * @param {ExperimentResult} result
 */
export function verdictOf(result) {
  const { pairs, best, note } = result;
  const hint = note && h("p", { class: "hint" }, note);
  if (pairs.length === 1) return [h("p", { class: `finding ${pairs[0].verdict}` }, pairs[0].sentence), hint];
  const compared = pairs.filter(({ arm, baseline }) => arm === best || baseline === best);
  const list = h("ul", { class: "pairs" }, compared.map(pairItem));
  const folded = h("details", {}, h("summary", {}, t("experiment.compared")), list);
  const sentences = compared.length > MOST_SENTENCES ? folded : list;
  return [h("p", { class: "finding" }, bestSentence(result)), compared.length > 0 && sentences, hint];
}

/** @param {ExperimentPair} pair */
const pairItem = ({ sentence, verdict }) => h("li", { "data-verdict": verdict }, sentence);

/** @param {ExperimentResult} result */
function bestSentence(result) {
  const { best, arms, metric, status } = result;
  const arm = arms.find(({ name }) => name === best);
  if (!arm) return t("watch.waiting");
  const value = writerOf(result).value(arm.mean);
  const values = { name: arm.name, metric: t(`metric.${metric}`), value };
  return t(status === "running" ? "experiment.best_so_far" : "experiment.best", values);
}

/**
 * Arms that were given up early, and runs without a value, each with the reason.
 * @param {ExperimentResult} result
 */
export function noticesOf({ stopped, arms }) {
  const early = Object.values(stopped).map((reason) => h("li", {}, reason));
  const failed = arms.flatMap(({ name, jobs }) => jobs.filter(isFaulty).map((run) => faultItem(name, run)));
  return [...early, ...failed];
}

/** @param {ExperimentRun} run */
const isFaulty = ({ state }) => state === "failed" || state === "diverged";

/**
 * @param {string} arm
 * @param {ExperimentRun} run
 */
function faultItem(arm, { seed, state, error, job_id: id }) {
  const where = t("experiment.fault", { arm, seed: String(seed), state: stateName(state) });
  const link = id ? h("a", { href: `#/watch/${id}` }, where) : where;
  return h("li", { class: "warning", "data-state": state }, link, " ", error && jobFailure(error));
}

/**
 * A pair of arms as what is computed from it, such as `adam − sgd`.
 * @param {ExperimentPair} pair
 */
export const pairName = ({ arm, baseline }) => t("experiment.pair.of", { arm, baseline });

/** @param {string} state */
export function stateName(state) {
  const key = `run_state.${state}`;
  return hasSentence(key) ? t(key) : state;
}
