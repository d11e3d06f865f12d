// @ts-check
// The tray of the visitor's own digits: their pictures, what they show, and a button to remove each.

import { announce, button, errorLine, fill, h, panel, refill } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { openingSelect } from "../ui/opening_select.js";
import { t } from "../ui/words.js";

/**
 * @import { OwnDigits } from "../net/own_digits.js"
 * @import { OwnDigit } from "../net/types.d.ts"
 */

const LABELS = Array.from({ length: 10 }, (_, digit) => String(digit));

export class Tray {
  /** @type {OwnDigit[]} Newest first. */
  digits = [];
  hasMore = false;

  /**
   * @param {OwnDigits} own
   * @param {AbortSignal} signal
   * @param {() => void} onChange Called whenever the number of digits may have changed.
   */
  constructor(own, signal, onChange) {
    this.own = own;
    this.signal = signal;
    this.onChange = onChange;
    this.summary = h("p", { class: "hint", id: "tray-summary", tabIndex: -1 });
    this.error = errorLine();
    this.list = h("ul", { class: "tray", "aria-label": t("tray.title") });
    this.more = button(t("tray.more"), () => this.attempt(() => this.readMore()), { hidden: true });
    this.element = panel(t("tray.title"), this.summary, this.error, this.list, this.more);
  }

  /** Reads the tray from the server. */
  load() {
    return this.attempt(async () => {
      await this.own.find(this.signal);
      if (this.own.dataset) await this.readMore();
      else this.show();
    });
  }

  async readMore() {
    const { data, has_more: hasMore } = await this.own.page(this.signal, this.digits.at(-1)?.id);
    this.digits.push(...data);
    this.hasMore = hasMore;
    this.show();
  }

  /**
   * Adds a picture with its label.
   * @param {Blob} image
   * @param {number} label
   * @throws {Error} The service did not accept it.
   */
  async add(image, label) {
    const digit = await this.own.add(image, label);
    this.digits.unshift(digit);
    this.show();
    return digit;
  }

  show() {
    const { count, name } = this.own;
    this.summary.textContent = count ? t("tray.summary", { count, name }) : t("tray.empty");
    refill(this.list, ...this.digits.map((digit) => this.item(digit)));
    this.more.hidden = !this.hasMore;
    this.onChange();
  }

  /** @param {OwnDigit} digit */
  item(digit) {
    const { id, label, png } = digit;
    const change = (/** @type {string} */ other) => this.attempt(() => this.relabel(digit, Number(other)));
    const remove = () => this.attempt(() => this.remove(digit));
    return h(
      "li",
      { "data-sample": id },
      h("img", { src: png, alt: t("tray.picture", { label }), width: 28, height: 28 }),
      openingSelect(t("tray.label"), LABELS, String(label), change, { verb: t("select.use") }).element,
      button("×", remove, { class: "quiet round", "aria-label": t("tray.remove", { label }) }),
    );
  }

  /**
   * @param {OwnDigit} digit
   * @param {number} label
   */
  async relabel(digit, label) {
    await this.own.relabel(digit.id, label);
    digit.label = label;
    announce(t("tray.relabelled", { label }));
    this.show();
  }

  /** @param {OwnDigit} digit */
  async remove(digit) {
    await this.own.remove(digit.id);
    this.digits = this.digits.filter((each) => each !== digit);
    announce(t("tray.removed", { label: digit.label }));
    await this.own.find(this.signal);
    this.show();
    if (!this.digits.length) this.summary.focus(); // the button that had the focus is gone
  }

  /**
   * Runs an action and shows why it failed; the list then shows again what the server has.
   * @param {() => Promise<void>} action
   */
  async attempt(action) {
    this.error.textContent = "";
    try {
      await action();
    } catch (error) {
      if (this.signal.aborted) return;
      this.error.textContent = requestError(error);
      fill(this.list, ...this.digits.map((digit) => this.item(digit)));
    }
  }
}
