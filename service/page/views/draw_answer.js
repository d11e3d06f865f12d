// @ts-check
// The answer to a drawing, and what is behind it: which weights answered, the network's input, the saliency.

import { IMAGE_SIDE, paintSignedPixels } from "../plots/signed_pixels.js";
import { Answer } from "../ui/answer.js";
import { h } from "../ui/dom.js";
import { term } from "../ui/term.js";
import { t } from "../ui/words.js";

/** @import { Prediction } from "../net/types.d.ts" */

const NO_SALIENCY = new Float32Array(IMAGE_SIDE * IMAGE_SIDE);

export class AnswerPanels extends Answer {
  constructor() {
    super();
    this.weights = h("p", { class: "hint", id: "who" });
    this.input = h("img", { alt: t("draw.input"), hidden: true });
    const size = { width: IMAGE_SIDE, height: IMAGE_SIDE };
    this.saliency = h("canvas", { role: "img", "aria-label": t("draw.saliency"), ...size });
  }

  /** @param {HTMLElement} chooser */
  inputSection(chooser) {
    const images = h(
      "div",
      { class: "pair" },
      figure(this.input, t("draw.input")),
      figure(this.saliency, term("saliency", t("draw.saliency"))),
    );
    return h("section", { class: "panel seen", "aria-label": t("draw.seen") }, chooser, this.weights, images);
  }

  /** @param {Prediction} answer */
  show(answer) {
    super.show(answer);
    this.weights.textContent = weightsText(answer);
    this.input.hidden = !answer.trace;
    if (answer.trace) this.input.src = answer.trace;
    paintSignedPixels(this.saliency, answer.saliency?.flat() ?? NO_SALIENCY);
  }
}

/**
 * @param {HTMLElement} image
 * @param {import("../ui/dom.js").Child} caption
 */
const figure = (image, caption) => h("figure", {}, h("div", { class: "pixels" }, image), h("figcaption", {}, caption));

/**
 * Which weights answered: a step of a job, or a version of a model.
 * @param {Prediction} answer
 */
function weightsText({ step, model, version }) {
  if (step) return t("draw.step", { step });
  return version ? t("draw.model_version", { model, version }) : "";
}
