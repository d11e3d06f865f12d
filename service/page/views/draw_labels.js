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

export class LabelButtons {
  /** @type {OwnDigit | null} The drawing in the tray, once it has been added. */
  added = null;
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
    this.added = null;
    this.status.textContent = "";
  }

  /**
   * Adds the drawing; another label for the same drawing corrects the first.
   * @param {number} label
   */
  label(label) {
    this.#labelled = this.#labelled.then(() => this.labelNow(label));
  }

  /** @param {number} label */
  async labelNow(label) {
    try {
      await this.keep(label);
      this.status.textContent = t("label.added", { label });
    } catch (error) {
      this.status.textContent = requestError(error);
    }
  }

  /** @param {number} label */
  async keep(label) {
    if (this.added && this.tray.digits.includes(this.added)) return this.tray.relabel(this.added, label);
    this.added = await this.tray.add(await this.drawing(), label);
  }
}
