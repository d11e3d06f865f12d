// @ts-check
// The weights into the first layer's units as images, sixty at a time, and one of them enlarged.

import { weightsOfUnit } from "../net/weights.js";
import { IMAGE_SIDE, paintSignedPixels } from "../plots/signed_pixels.js";
import { button, fill, h, panel } from "../ui/dom.js";
import { number } from "../ui/format.js";
import { t } from "../ui/words.js";

/** @import { LayerWeights } from "../net/weights.js" */

const UNITS_PER_PAGE = 60;
const CANVAS_SIZE = { width: IMAGE_SIDE, height: IMAGE_SIDE };

export class UnitsPanel {
  /** @type {LayerWeights} */
  #layer = { W: new Float32Array(), b: new Float32Array(), inputs: 0, units: 0 };
  /** The first unit of the page, and the enlarged unit; both count from 0. */
  #first = 0;
  #chosen = 0;

  constructor() {
    this.images = h("div", { class: "units", role: "group", "aria-label": t("look.units") });
    this.previous = button("‹", () => this.#turnPage(-1), {
      id: "units-before",
      "aria-label": t("look.units.previous"),
    });
    this.next = button("›", () => this.#turnPage(1), { id: "units-after", "aria-label": t("look.units.next") });
    this.range = h("output", { class: "hint", id: "units-range" });
    this.enlarged = h("canvas", { class: "large", role: "img", ...CANVAS_SIZE });
    this.caption = h("figcaption");
    this.element = panel(
      t("look.units"),
      h("p", { class: "hint" }, t("look.units.hint")),
      h("div", { class: "buttons" }, this.previous, this.range, this.next),
      h(
        "div",
        { class: "inside" },
        this.images,
        h("figure", {}, h("div", { class: "pixels" }, this.enlarged), this.caption),
      ),
    );
  }

  /** @param {LayerWeights} layer */
  show(layer) {
    this.#layer = layer;
    this.#showImages();
    this.#showRange();
    this.#showEnlarged();
  }

  /** @param {1 | -1} direction */
  #turnPage(direction) {
    this.#first += direction * UNITS_PER_PAGE;
    this.#choose(this.#first);
    // The browser takes the focus from a button that becomes disabled
    if (this.next.disabled) this.previous.focus();
    if (this.previous.disabled) this.next.focus();
  }

  /** @param {number} unit */
  #choose(unit) {
    this.#chosen = unit;
    this.show(this.#layer);
  }

  /** The page's last unit, plus one. */
  get #end() {
    return Math.min(this.#layer.units, this.#first + UNITS_PER_PAGE);
  }

  #showImages() {
    const count = this.#end - this.#first;
    // Images are reused where their number stays, so that the focused one keeps the focus
    if (this.images.childElementCount !== count) {
      fill(this.images, ...Array.from({ length: count }, (_, place) => this.#imageButton(place)));
    }
    [...this.images.children].forEach((image, place) => {
      const unit = this.#first + place;
      image.setAttribute("aria-pressed", String(unit === this.#chosen));
      image.setAttribute("aria-label", t("look.unit", { unit: unit + 1 }));
      const canvas = /** @type {HTMLCanvasElement} */ (image.firstChild);
      paintSignedPixels(canvas, weightsOfUnit(this.#layer, unit));
    });
  }

  /** @param {number} place */
  #imageButton(place) {
    return button(h("canvas", CANVAS_SIZE), () => this.#choose(this.#first + place));
  }

  #showRange() {
    const { units } = this.#layer;
    this.previous.disabled = this.#first === 0;
    this.next.disabled = this.#end === units;
    this.range.textContent = t("look.units.range", { first: this.#first + 1, last: this.#end, units });
  }

  #showEnlarged() {
    const unit = this.#chosen + 1;
    const { units, b } = this.#layer;
    paintSignedPixels(this.enlarged, weightsOfUnit(this.#layer, this.#chosen));
    this.enlarged.setAttribute("aria-label", t("look.unit", { unit }));
    this.caption.textContent = t("look.unit.caption", { unit, units, bias: number(b[this.#chosen], 3) });
  }
}
