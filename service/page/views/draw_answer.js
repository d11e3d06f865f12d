// @ts-check
// The answer to a drawing: the digit, ten probabilities, the network's input, and the saliency of its pixels.

import { IMAGE_SIDE, paintSignedPixels } from "../plots/signed_pixels.js";
import { h } from "../ui/dom.js";
import { percent } from "../ui/format.js";
import { t } from "../ui/words.js";

/** @import { Prediction } from "../net/types.d.ts" */

const NO_DIGIT = "?";
const NO_SALIENCY = new Float32Array(IMAGE_SIDE * IMAGE_SIDE);

/** @type {Prediction} */
const NO_ANSWER = { digit: null, confidence: null, probabilities: [], input: { notes: [] } };

export class AnswerPanels {
  constructor() {
    this.digit = h("output", { class: "digit", id: "digit", "aria-live": "polite" }, NO_DIGIT);
    this.confidence = h("p", { class: "sure" });
    this.bars = Array.from({ length: 10 }, (_, digit) => new Bar(digit));
    this.notes = h("p", { class: "notes", role: "status" });
    this.weights = h("p", { class: "hint", id: "who" });
    this.input = h("img", { alt: t("draw.input"), hidden: true });
    const size = { width: IMAGE_SIDE, height: IMAGE_SIDE };
    this.saliency = h("canvas", { role: "img", "aria-label": t("draw.saliency"), ...size });
  }

  /** @param {HTMLElement} question Asks whether the answer is wrong. */
  answerSection(question) {
    const rows = this.bars.map(({ row }) => row);
    return h(
      "section",
      { class: "panel answer", "aria-label": t("draw.answer") },
      h("div", { class: "answer-head" }, this.digit, this.confidence),
      h("ul", { class: "bars", "aria-label": t("draw.probabilities") }, rows),
      this.notes,
      question,
    );
  }

  /** @param {HTMLElement} chooser */
  inputSection(chooser) {
    const images = h(
      "div",
      { class: "pair" },
      figure(this.input, "draw.input"),
      figure(this.saliency, "draw.saliency"),
    );
    return h("section", { class: "panel seen" }, chooser, this.weights, images);
  }

  bringIntoSight() {
    this.digit.scrollIntoView({ block: "nearest" });
  }

  clear() {
    this.show(NO_ANSWER);
  }

  /** @param {string} message */
  showError(message) {
    this.notes.textContent = message;
  }

  /** @param {Prediction} answer */
  show(answer) {
    const isBlank = answer.digit === null;
    this.digit.textContent = isBlank ? NO_DIGIT : String(answer.digit);
    this.confidence.textContent = isBlank ? "" : t("draw.confidence", { share: percent(answer.confidence) });
    for (const bar of this.bars) bar.show(answer);
    this.notes.textContent = answer.input.notes.map(({ message }) => message).join(" ");
    this.weights.textContent = weightsText(answer);
    this.input.hidden = !answer.trace;
    if (answer.trace) this.input.src = answer.trace;
    paintSignedPixels(this.saliency, answer.saliency?.flat() ?? NO_SALIENCY);
  }
}

/** The probability of one digit. */
class Bar {
  /** @param {number} digit */
  constructor(digit) {
    this.digit = digit;
    this.fill = h("span", { class: "fill" });
    this.share = h("span", { class: "share" });
    const name = h("span", { class: "name" }, String(digit));
    this.row = h("li", { "data-digit": digit }, name, h("span", { class: "track" }, this.fill), this.share);
  }

  /** @param {Prediction} answer */
  show({ digit, probabilities }) {
    const probability = probabilities[this.digit] ?? 0;
    this.fill.style.inlineSize = `${probability * 100}%`;
    this.share.textContent = percent(probability, 0);
    this.row.classList.toggle("top", this.digit === digit);
  }
}

/**
 * @param {HTMLElement} image
 * @param {string} captionKey
 */
const figure = (image, captionKey) =>
  h("figure", {}, h("div", { class: "pixels" }, image), h("figcaption", {}, t(captionKey)));

/**
 * Which weights answered: a step of a job, or a version of a model.
 * @param {Prediction} answer
 */
function weightsText({ step, model, version }) {
  if (step) return t("draw.step", { step });
  return version ? t("draw.model_version", { model, version }) : "";
}
