// @ts-check
// The pad with what belongs to it: what to do on a blank one, undo and clear, the width of the pen.

import { button, h, uniqueId } from "./dom.js";
import { Pad, PEN_WIDTHS } from "./pad.js";
import { t } from "./words.js";

const STORAGE_KEY = "naivenet.pen";
const KEYBOARD_HELP = "pad-help";

/** @typedef {keyof typeof PEN_WIDTHS} PenName */

export class PadPanel {
  /**
   * @param {(isOther: boolean) => void} onChange As of `Pad`.
   * @param {AbortSignal} signal
   */
  constructor(onChange, signal) {
    this.pad = new Pad(padCanvas(), (isOther) => {
      this.#refresh();
      onChange(isOther);
    });
    this.invitation = h("p", { class: "invitation", "aria-hidden": "true" }, t("pad.invitation"));
    this.keyboardPen = h("span", { class: "keyboard-pen", "aria-hidden": "true", hidden: true });
    this.frame = h("div", { class: "pad-frame" }, this.pad.canvas, this.invitation, this.keyboardPen);
    this.undo = button(t("pad.undo"), () => this.#undo(), { id: "undo", title: "Ctrl+Z" });
    const clear = button(t("draw.clear"), () => this.pad.clear(), { id: "clear" });
    this.tools = h("div", { class: "buttons pad-tools" }, this.undo, clear, this.#penChoice());
    this.pad.canvas.addEventListener("penmove", () => this.#showKeyboardPen(true));
    this.pad.canvas.addEventListener("pointerdown", () => this.#showKeyboardPen(false));
    addEventListener("keydown", (event) => this.#pressKey(event), { signal });
    this.#refresh();
  }

  #refresh() {
    const { x, y, isDown } = this.pad.keyboardPen;
    this.invitation.hidden = !this.pad.isBlank;
    this.undo.setAttribute("aria-disabled", String(!this.pad.drawing.canUndo));
    this.keyboardPen.style.left = `${x * 100}%`;
    this.keyboardPen.style.top = `${y * 100}%`;
    this.keyboardPen.classList.toggle("down", isDown);
  }

  /** @param {boolean} isUsed */
  #showKeyboardPen(isUsed) {
    this.keyboardPen.hidden = !isUsed;
    this.#refresh();
  }

  #undo() {
    if (this.pad.drawing.canUndo) this.pad.undo();
  }

  /**
   * Ctrl+Z takes a stroke back, wherever the focus is, except in a field for text.
   * @param {KeyboardEvent} event
   */
  #pressKey(event) {
    const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
    if (!isUndo || isTextField(event.target)) return;
    event.preventDefault();
    this.#undo();
  }

  #penChoice() {
    const names = /** @type {PenName[]} */ (Object.keys(PEN_WIDTHS));
    const chosen = names.find((name) => name === localStorage.getItem(STORAGE_KEY)) ?? "medium";
    this.pad.penWidth = PEN_WIDTHS[chosen];
    const group = uniqueId("pen");
    const choices = names.map((name) => this.#pen(name, { group, checked: name === chosen }));
    return h("div", { class: "pens", role: "radiogroup", "aria-label": t("pad.pen") }, choices);
  }

  /**
   * @param {PenName} name
   * @param {{ group: string, checked: boolean }} options
   */
  #pen(name, { group, checked }) {
    const choose = () => {
      this.pad.penWidth = PEN_WIDTHS[name];
      localStorage.setItem(STORAGE_KEY, name);
    };
    const label = t(`pen.${name}`);
    const radio = h("input", {
      type: "radio",
      name: group,
      value: name,
      checked,
      "aria-label": label,
      onchange: choose,
    });
    return h("label", { class: `pen ${name}`, title: label }, radio, h("span", { class: "tip" }));
  }

  /** What the keyboard does on the pad, for below it. */
  help() {
    return h("p", { class: "hint", id: KEYBOARD_HELP }, t("draw.help"));
  }
}

const padCanvas = () =>
  h("canvas", {
    class: "pad",
    id: "pad",
    tabIndex: 0,
    role: "application",
    "aria-label": t("draw.pad"),
    "aria-describedby": KEYBOARD_HELP,
  });

/** What takes text, and has an undo of its own. */
const TEXT_FIELDS = "textarea, input:not([type]), input:is([type=text], [type=search], [type=password])";

/** @param {EventTarget | null} target */
const isTextField = (target) => target instanceof Element && target.matches(TEXT_FIELDS);
