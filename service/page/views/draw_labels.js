// @ts-check
// Asks after an answer what the drawing was, with a button for each digit, and adds it to the tray.

import { hasScope } from "../net/own_key.js";
import { button, h, uniqueId } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { t } from "../ui/words.js";

/**
 * @import { OwnDigit } from "../net/types.d.ts"
 * @import { Tray } from "./draw_tray.js"
 */

const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);

/**
 * @typedef {object} Drawing
 * @property {Promise<Blob>} [image] The picture, once it has a label.
 * @property {OwnDigit} [added] Its entry in the tray, once the server has it.
 */

export class LabelButtons {
  /** @type {Drawing} */
  #current = {};
  /** Settles once the label before is kept, so that a second one corrects it instead of adding the drawing again. */
  #labelled = Promise.resolve();

  /**
   * @param {Tray} tray
   * @param {() => Promise<Blob>} drawing The picture that was answered.
   */
  constructor(tray, drawing) {
    this.tray = tray;
    this.drawing = drawing;
    const id = uniqueId("ask");
    const mayAdd = hasScope(tray.own.key, "train");
    const buttons = DIGITS.map((digit) => button(String(digit), () => this.label(digit), { "data-label": digit }));
    this.status = h("p", { class: "hint", role: "status", id: "label-status" });
    this.element = h(
      "div",
      { class: "ask", role: "group", "aria-labelledby": id, hidden: true },
      h("h3", { id }, t("label.ask")),
      mayAdd ? h("div", { class: "labels" }, buttons) : h("p", { class: "hint" }, t("teach.needs_train")),
      this.status,
    );
  }

  /** @param {boolean} hasAnswer Whether there is an answer that may be wrong. */
  show(hasAnswer) {
    this.element.hidden = !hasAnswer;
  }

  /** Prepares for another drawing. */
  forget() {
    this.#current = {};
    this.status.textContent = "";
  }

  /**
   * Adds the drawing; another label for the same drawing corrects the first.
   * @param {number} label
   */
  label(label) {
    const drawing = this.#current;
    drawing.image ??= this.drawing();
    this.#labelled = this.#labelled.then(() => this.labelNow(drawing, label));
  }

  /**
   * @param {Drawing} drawing The visitor may have begun another one since.
   * @param {number} label
   */
  async labelNow(drawing, label) {
    const text = await this.keep(drawing, label).then(() => t("label.added", { label }), requestError);
    if (drawing === this.#current) this.status.textContent = text;
  }

  /**
   * @param {Drawing} drawing
   * @param {number} label
   */
  async keep(drawing, label) {
    const { image, added } = drawing;
    if (added && this.tray.digits.includes(added)) return this.tray.relabel(added, label);
    drawing.added = await this.tray.add(/** @type {Blob} */ (await image), label);
  }
}
