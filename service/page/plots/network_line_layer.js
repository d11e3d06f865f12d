// @ts-check
// Draws the lines between the units of a network on a canvas of their own: they change less often than the lamps.

import { LAMP, PICTURE, PICTURE_GAP, rowCentre, UNITS_HEIGHT } from "./network_layout.js";

/**
 * @import { Lines } from "./network_lines.js"
 * @import { NetworkCanvas } from "./network_canvas.js"
 */

export class LineLayer {
  /** @type {Record<string, string>} */
  #colours = {};

  /** @param {NetworkCanvas} network */
  constructor(network) {
    this.network = network;
    this.canvas = document.createElement("canvas");
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
  }

  /** @param {Record<string, string>} colours */
  draw(colours) {
    this.#colours = colours;
    const { context, canvas, network } = this;
    const ratio = devicePixelRatio || 1;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#drawFan();
    for (let layer = 1; layer < network.columns.length; layer++) {
      const lines = network.chosenLines[layer] ?? network.lines[layer];
      if (lines) this.#drawWeights(layer, lines);
      else this.#drawStructure(layer);
    }
    context.globalAlpha = 1;
  }

  /** From the picture to the first layer: each of its units reads all pixels. */
  #drawFan() {
    const { context } = this;
    const { input, columns } = this.network;
    const first = columns[0];
    if (!first) return;
    context.beginPath();
    for (let row = 0; row < first.rows; row++) {
      context.moveTo(input.x + input.side / 2, UNITS_HEIGHT / 2);
      context.lineTo(first.x - PICTURE_GAP - PICTURE / 2, rowCentre(first, row));
    }
    this.#strokeFaintly();
  }

  /** @param {number} layer */
  #drawStructure(layer) {
    const { context } = this;
    const [below, column] = [this.network.columns[layer - 1], this.network.columns[layer]];
    context.beginPath();
    for (let from = 0; from < below.rows; from++) {
      for (let to = 0; to < column.rows; to++) {
        context.moveTo(below.x + LAMP, rowCentre(below, from));
        context.lineTo(column.x - LAMP, rowCentre(column, to));
      }
    }
    this.#strokeFaintly();
  }

  #strokeFaintly() {
    const { context } = this;
    context.globalAlpha = 1;
    context.lineWidth = 0.5;
    context.strokeStyle = this.#colours.line;
    context.stroke();
  }

  /**
   * @param {number} layer
   * @param {Lines} lines
   */
  #drawWeights(layer, { from, to, strength }) {
    const { context } = this;
    const [below, column] = [this.network.columns[layer - 1], this.network.columns[layer]];
    for (let i = 0; i < strength.length; i++) {
      const size = Math.abs(strength[i]);
      context.globalAlpha = 0.1 + 0.8 * size;
      context.lineWidth = 0.5 + 3 * size;
      context.strokeStyle = strength[i] < 0 ? this.#colours.negative : this.#colours.positive;
      context.beginPath();
      context.moveTo(below.x + LAMP, rowCentre(below, from[i]));
      context.lineTo(column.x - LAMP, rowCentre(column, to[i]));
      context.stroke();
    }
  }
}
