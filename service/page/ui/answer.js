// @ts-check
// The answer to a drawing, small enough to stand beside the pad: the digit, its probability, and ten bars.

import { h } from "./dom.js";
import { percent, wholePercent } from "./format.js";
import { t } from "./words.js";

/** @import { Prediction } from "../net/types.d.ts" */

const NO_DIGIT = "?";

/** @type {Prediction} */
const NO_ANSWER = { digit: null, confidence: null, probabilities: [], input: { notes: [] } };

export class Answer {
  constructor() {
    this.digit = h("output", { class: "digit", id: "digit", "aria-live": "polite" }, NO_DIGIT);
    this.confidence = h("p", { class: "sure" });
    this.state = h("p", { class: "state", role: "status" });
    this.bars = Array.from({ length: 10 }, (_, digit) => new Bar(digit));
    const rows = this.bars.map(({ row }) => row);
    this.element = h(
      "section",
      { class: "panel answer", "aria-label": t("draw.answer") },
      this.digit,
      h("div", { class: "sentence" }, this.confidence, this.state),
      h("ul", { class: "bars", "aria-label": t("draw.probabilities") }, rows),
    );
    /** What was removed from the picture, or is doubtful. Its place is below the pad, because its height changes. */
    this.notes = h("p", { class: "notes", role: "status" });
  }

  clear() {
    this.show(NO_ANSWER);
  }

  /** Says that an answer is on its way. */
  showReading() {
    this.state.textContent = t("draw.reading");
  }

  /** @param {string} message Why there is no answer. */
  showError(message) {
    this.clear();
    this.state.textContent = message;
    this.state.classList.add("trouble");
  }

  /** @param {Prediction} answer */
  show(answer) {
    const isBlank = answer.digit === null;
    this.digit.textContent = isBlank ? NO_DIGIT : String(answer.digit);
    this.confidence.textContent = isBlank ? "" : t("draw.confidence", { share: percent(answer.confidence) });
    this.state.textContent = "";
    this.state.classList.remove("trouble");
    for (const bar of this.bars) bar.show(answer);
    this.notes.textContent = answer.input.notes.map(({ message }) => message).join(" ");
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
    this.fill.style.setProperty("--share", String(probability));
    this.share.textContent = probabilities.length ? wholePercent(probability) : "";
    this.row.classList.toggle("top", this.digit === digit);
  }
}
