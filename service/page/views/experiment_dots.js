// @ts-check
// Every run of an experiment as a dot, with the interval of each arm, and the differences on each seed.

import { paintOf } from "../plots/curve.js";
import { dotPlot } from "../plots/dot_plot.js";
import { h, panel } from "../ui/dom.js";
import { t } from "../ui/words.js";
import { writerOf } from "./experiment_numbers.js";
import { pairName } from "./experiment_sentence.js";

/**
 * @import { ArmResult, ExperimentPair, ExperimentResult } from "../net/experiment_types.d.ts"
 * @import { Dot } from "../plots/dot_plot.js"
 * @import { Writer } from "./experiment_numbers.js"
 */

/** @param {ExperimentResult} result */
export function dotPanel(result) {
  const { arms, pairs, metric } = result;
  if (!arms.some(({ n }) => n > 0)) return panel(t("experiment.dots"), h("p", { class: "hint" }, t("watch.waiting")));
  const writer = writerOf(result);
  const rows = arms.map((arm, index) => ({
    label: arm.name,
    paint: paintOf(index),
    dots: dotsOf(arm, writer),
    mean: arm.mean,
    interval: arm.interval,
  }));
  const title = `${t("experiment.dots")} · ${t(`metric.${metric}`)}`;
  const picture = dotPlot({ rows, format: writer.tick, isJoined: arms.length === 2 });
  const described = figure(picture, arms.map((arm) => armText(arm, writer)).join(" "), "dots");
  const joints = arms.length === 2 ? t("experiment.dots.joints") : "";
  const hint = h("p", { class: "hint" }, `${t("experiment.dots.hint")} ${joints}`);
  return panel(title, described, pairs.length === 1 && differences(result, pairs[0], writer), hint);
}

/**
 * @param {ArmResult} arm
 * @param {Writer} writer
 * @returns {Dot[]}
 */
const dotsOf = ({ name, jobs }, writer) =>
  jobs.flatMap(({ seed, value }) => {
    const title = t("experiment.dot", { name, seed: String(seed), value: writer.value(value) });
    return value === null ? [] : [{ seed, value, title }];
  });

/**
 * The difference of two arms on each seed, with its interval and a line at zero.
 * @param {ExperimentResult} result
 * @param {ExperimentPair} pair
 * @param {Writer} writer
 */
function differences({ arms }, pair, writer) {
  const dots = pairedValues(arms, pair).map(({ seed, difference }) => ({
    seed,
    value: difference,
    title: t("experiment.dot", { name: pair.arm, seed: String(seed), value: writer.difference(difference) }),
  }));
  if (!dots.length) return null;
  const label = pairName(pair);
  const row = { label, paint: "third", dots, mean: pair.difference, interval: pair.interval };
  return figure(dotPlot({ rows: [row], format: writer.differenceTick, zero: 0 }), pair.sentence, "differences-dots");
}

/**
 * The seeds that were measured in both arms of a pair.
 * @param {ArmResult[]} arms
 * @param {ExperimentPair} pair
 */
export function pairedValues(arms, { arm, baseline }) {
  const ours = arms.find(({ name }) => name === arm)?.jobs ?? [];
  const theirs = arms.find(({ name }) => name === baseline)?.jobs ?? [];
  return ours.flatMap(({ seed, value }) => {
    const other = theirs.find((run) => run.seed === seed)?.value;
    if (value === null || other === null || other === undefined) return [];
    return [{ seed, value, other, difference: value - other }];
  });
}

/**
 * @param {ArmResult} arm
 * @param {Writer} writer
 */
function armText({ name, n, minimum, maximum, mean }, { value }) {
  return t("experiment.dots.arm", { name, n, low: value(minimum), high: value(maximum), mean: value(mean) });
}

/**
 * A picture with its description for screen readers.
 * @param {Element} picture
 * @param {string} description
 * @param {string} id
 */
const figure = (picture, description, id) => h("div", { role: "img", "aria-label": description, id }, picture);
