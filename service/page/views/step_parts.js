// @ts-check
// The parts of a training step as elements: each has the line of code that did it, and what that line made.

import { IMAGE_SIDE, paintSignedPixels } from "../plots/signed_pixels.js";
import { h, scrollable } from "../ui/dom.js";
import { MISSING, number, percent } from "../ui/format.js";
import { svg } from "../ui/svg.js";
import { t } from "../ui/words.js";

/**
 * @import { RecordedStep, SampleOfStep, WeightOfStep } from "../net/step_types.d.ts"
 * @import { ApiNumber } from "../net/types.d.ts"
 */

const CANVAS_SIZE = { width: IMAGE_SIDE, height: IMAGE_SIDE };
const LOSS_HEIGHT = 90;

/**
 * A part: its heading, the lines of the function that contain *words*, a sentence, and what the lines made.
 * @param {RecordedStep} step
 * @param {{ name: string, words: string[], values?: Record<string, unknown> }} options
 * @param {...import("../ui/dom.js").Child} content
 */
function part({ code }, { name, words, values }, ...content) {
  const lines = code.split("\n").filter((line) => words.some((word) => line.includes(word)));
  return h(
    "section",
    { class: "panel step-part", id: `step-${name}` },
    h("h2", {}, t(`step.${name}`)),
    lines.length > 0 && h("pre", {}, h("code", {}, lines.map(withoutComment).join("\n"))),
    h("p", { class: "hint" }, t(`step.${name}.hint`, values)),
    content,
  );
}

/** @param {string} line */
const withoutComment = (line) => line.replace(/ {2}#.*/, "").trim();

/** @param {RecordedStep} step */
export function batchPart(step) {
  const pictures = step.samples.map(({ png, label }) =>
    h("li", {}, picture(png, t("step.picture", { label })), h("b", {}, String(label))),
  );
  const values = { shown: step.samples.length, size: step.losses.length };
  return part(step, { name: "batch", words: [], values }, h("ul", { class: "samples" }, pictures));
}

/** @param {RecordedStep} step */
export function predictionPart(step) {
  const { samples, correct, losses } = step;
  const values = { correct, size: losses.length, share: percent(correct / losses.length, 0) };
  const list = h("ul", { class: "samples" }, samples.map(predictionItem));
  return part(step, { name: "predictions", words: ["predictions = model("], values }, list);
}

/** @param {SampleOfStep} sample */
function predictionItem({ png, label, prediction, probabilities }) {
  const isRight = label === prediction;
  const [sure, ofLabel] = [percent(probabilities[prediction], 0), percent(probabilities[label], 0)];
  const alt = t(isRight ? "step.read_right" : "step.read_wrong", { label, prediction, sure, ofLabel });
  return h(
    "li",
    { class: isRight ? "" : "wrong", title: alt },
    picture(png, alt),
    h("b", {}, `${isRight ? "✓" : "✗"} ${prediction}`),
    h("small", {}, sure),
  );
}

/** @param {RecordedStep} step */
export function lossPart(step) {
  const values = { loss: number(step.loss), highest: number(Math.max(...step.losses.map(finite))) };
  const words = ["per_sample_losses =", "average_loss ="];
  return part(step, { name: "losses", words, values }, lossBars(step));
}

/** @param {ApiNumber} value */
const finite = (value) => value ?? 0;

/**
 * A bar for the loss of each picture of the batch, and a line at their mean.
 * @param {RecordedStep} step
 */
function lossBars({ losses, loss }) {
  const highest = Math.max(...losses.map(finite)) || 1;
  const y = (/** @type {number} */ value) => LOSS_HEIGHT * (1 - value / highest);
  const bars = losses.map((each, index) =>
    svg("rect", { x: index, width: 0.8, y: y(finite(each)), height: LOSS_HEIGHT - y(finite(each)) }),
  );
  const mean = loss === null ? [] : [svg("line", { x1: 0, x2: losses.length, y1: y(loss), y2: y(loss) })];
  const size = { viewBox: `0 0 ${losses.length} ${LOSS_HEIGHT}`, preserveAspectRatio: "none" };
  const label = t("step.losses.picture", { size: losses.length, loss: number(loss) });
  return svg("svg", { class: "loss-bars", role: "img", "aria-label": label, ...size }, ...bars, ...mean);
}

/** @param {RecordedStep} step */
export function gradientPart(step) {
  const heads = ["weight", "shape", "length", "gradient"].map((name) =>
    h("th", { scope: "col" }, t(`step.column.${name}`)),
  );
  const rows = step.weights.map((weight) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, weightName(weight)),
      h("td", {}, weight.shape.join(" × ")),
      h("td", {}, number(weight.length)),
      h("td", {}, number(weight.gradient_length)),
    ),
  );
  const table = h("table", {}, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows));
  const words = ["gradients = ", "weights = "];
  return part(step, { name: "gradients", words }, scrollable(t("step.gradients"), table));
}

/** @param {WeightOfStep} weight */
const weightName = ({ layer, name }) => `${name}${layer + 1}`;

/** @param {RecordedStep} step */
export function updatePart(step) {
  const { unit, learning_rate: rate } = step;
  const after = unit.weights.map((weight, i) => finite(weight) + finite(unit.update[i]));
  const figures = [
    figure("before", unit.weights),
    figure("gradient", unit.gradient),
    figure("change", unit.update),
    figure("after", after),
  ];
  const values = { rate: number(rate), unit: unit.unit + 1 };
  const moves = step.weights.map((weight) => h("li", {}, t("step.moved", movedValues(weight))));
  return part(
    step,
    { name: "update", words: ["update or update_weights"], values },
    h("div", { class: "unit-pictures" }, figures),
    h("ul", { class: "moves" }, moves),
  );
}

/** @param {WeightOfStep} weight */
function movedValues(weight) {
  const { length, update_length: update } = weight;
  const share = length && update !== null ? percent(update / length, 2) : MISSING;
  return { weight: weightName(weight), update: number(update), share };
}

/**
 * @param {string} name
 * @param {ApiNumber[]} values
 */
function figure(name, values) {
  const caption = t(`step.unit.${name}`);
  const canvas = h("canvas", { role: "img", "aria-label": caption, ...CANVAS_SIZE });
  paintSignedPixels(canvas, values.map(finite));
  return h("figure", {}, h("div", { class: "pixels" }, canvas), h("figcaption", {}, caption));
}

/**
 * @param {string} src
 * @param {string} alt
 */
const picture = (src, alt) => h("img", { src, alt, ...CANVAS_SIZE });
