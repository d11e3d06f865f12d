// @ts-check
// What is known of one unit: its weights, bias and activation. It is chosen by pointer, tap or arrow keys.

import { announce, h, setLabel, setText } from "../ui/dom.js";
import { number } from "../ui/format.js";
import { t } from "../ui/words.js";
import { neighbour, unitAt } from "./network_layout.js";
import { linesOf } from "./network_lines.js";
import { IMAGE_SIDE, paintSignedPixels } from "./signed_pixels.js";

/**
 * @import { NetworkCanvas, Place } from "./network_canvas.js"
 *
 * @typedef {object} Unit
 * @property {string} name
 * @property {number | undefined} activation
 * @property {number | null | undefined} bias
 * @property {Float32Array | null} pixels The weights from the pixels.
 * @property {NamedWeight[]} incoming The weights from the shown units of the layer below.
 * @property {NamedWeight[]} outgoing The weights to the shown units of the next layer.
 * @property {(number | null)[][] | null} below All weights between the layer below and this one.
 * @property {(number | null)[][] | null} above Likewise to the next layer.
 *
 * @typedef {{ name: string, weight: number | null }} NamedWeight
 */

/** How many of the strongest weights are named. */
const NAMED = 3;
const REACH = 40;

export class UnitDetails {
  /** @type {Place | null} The unit that a tap or a key has chosen; a pointer shows others for as long as it points. */
  #kept = null;

  /**
   * @param {NetworkCanvas} canvas
   * @param {(place: Place) => Unit} describe
   */
  constructor(canvas, describe) {
    this.canvas = canvas;
    this.describe = describe;
    this.picture = h("canvas", { width: IMAGE_SIDE, height: IMAGE_SIDE, role: "img" });
    this.pixels = h("div", { class: "pixels", hidden: true }, this.picture);
    this.text = h("p");
    this.element = h("div", { class: "network-unit" }, this.pixels, this.text);
    const surface = canvas.element;
    surface.tabIndex = 0;
    surface.setAttribute("role", "application");
    surface.addEventListener("pointermove", (event) => this.#show(this.#placeAt(event) ?? this.#kept));
    surface.addEventListener("pointerleave", () => this.#show(this.#kept));
    surface.addEventListener("click", (event) => this.choose(this.#placeAt(event)));
    surface.addEventListener("keydown", (event) => this.#pressKey(event));
    this.#showText();
  }

  /**
   * Gives the picture its text alternative.
   * @param {string} sentence
   */
  name(sentence) {
    setLabel(this.canvas.element, `${sentence} ${t("network.keys")}`);
  }

  /** @param {Place | null} place */
  choose(place) {
    this.#kept = place;
    this.#show(place);
  }

  /** Shows newer weights and activations of the same unit. */
  refresh() {
    this.#showText();
  }

  /** @param {Place | null} place */
  #show(place) {
    const before = this.canvas.chosen;
    if (before?.layer === place?.layer && before?.row === place?.row) return;
    this.canvas.chosen = place;
    this.canvas.redrawLines();
    this.#showText();
  }

  /** @param {MouseEvent} event */
  #placeAt({ offsetX: x, offsetY: y }) {
    return unitAt(this.canvas.columns, { x, y }, REACH);
  }

  /** @param {KeyboardEvent} event */
  #pressKey(event) {
    if (event.key === "Escape" && this.#kept) {
      event.preventDefault(); // the presentation mode goes on
      return this.choose(null);
    }
    if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    this.choose(this.#kept ? neighbour(this.canvas.columns, this.#kept, event.key) : { layer: 0, row: 0 });
    announce(this.text.textContent ?? "");
  }

  #showText() {
    const { chosen } = this.canvas;
    const unit = chosen && this.describe(chosen);
    this.canvas.chosenLines = [];
    if (chosen && unit?.below) this.canvas.chosenLines[chosen.layer] = linesOf(unit.below, { to: chosen.row });
    if (chosen && unit?.above) this.canvas.chosenLines[chosen.layer + 1] = linesOf(unit.above, { from: chosen.row });
    this.pixels.hidden = !unit?.pixels;
    if (unit?.pixels) {
      paintSignedPixels(this.picture, unit.pixels);
      setLabel(this.picture, t("network.unit_pixels", { name: unit.name }));
    }
    setText(this.text, unit ? sentences(unit) : t("network.point"));
  }
}

/** @param {Unit} unit */
function sentences({ name, activation, bias, incoming, outgoing }) {
  const parts = [name];
  if (activation !== undefined) parts.push(t("network.unit_activation", { activation: number(activation, 3) }));
  if (bias !== undefined) parts.push(t("network.unit_bias", { bias: number(bias, 3) }));
  if (incoming.length) parts.push(t("network.unit_from", { weights: largest(incoming) }));
  if (outgoing.length) parts.push(t("network.unit_to", { weights: largest(outgoing) }));
  return `${parts.join(". ")}.`;
}

/**
 * The largest of some weights, each with the name of its unit.
 * @param {NamedWeight[]} weights
 */
const largest = (weights) =>
  [...weights]
    .sort((one, other) => Math.abs(other.weight ?? 0) - Math.abs(one.weight ?? 0))
    .slice(0, NAMED)
    .map(({ name, weight }) => `${name}: ${number(weight, 3)}`)
    .join("; ");
