// @ts-check
// Draws a network: its units as lamps that light up, the weights between them as lines, and the picture that it reads.
// A frame is drawn only while something changes, and allocates nothing.

import { colour } from "../ui/dom.js";
import { BODY_HEIGHT, LAMP, PICTURE, PICTURE_GAP, rowCentre, UNITS_HEIGHT } from "./network_layout.js";
import { LineLayer } from "./network_line_layer.js";

/**
 * @import { Column } from "./network_layout.js"
 * @import { Lines } from "./network_lines.js"
 * @typedef {{ layer: number, row: number }} Place
 */

/** @typedef {{ x: number, side: number, image: HTMLCanvasElement | null }} Input The picture that the network reads. */

/** Where the bars of the outputs begin, and the room for the numbers behind them. */
const BAR_X = 28;
const NUMBER_WIDTH = 42;

/** In this time, in milliseconds, a lamp covers two thirds of the way to its brightness. */
const FADE_MS = 60;
const CLOSE_ENOUGH = 0.004;

/** Weights near zero are as dark as this. */
const PICTURE_GROUND = "#15161f";

const COLOURS = ["ink", "faint", "line", "edge", "positive", "negative", "panel", "accent"];

export class NetworkCanvas {
  /** @type {Column[]} The units of each layer. */
  columns = [];
  /** @type {Input} */
  input = { x: 0, side: 0, image: null };
  /** @type {(Lines | null)[]} The lines into each layer; null where the weights are not known. */
  lines = [];
  /** @type {(HTMLCanvasElement | null)[]} The weights into each shown unit of the first layer. */
  pictures = [];
  /** @type {string[]} What stands beside each output. */
  outputs = [];
  /** The room right of the outputs' lamps. */
  outputWidth = 0;
  /** @type {Place | null} */
  chosen = null;
  /** @type {(Lines | undefined)[]} By layer: all weights into the chosen unit, and out of it to the next layer. */
  chosenLines = [];

  /** @type {Float32Array[]} How bright each lamp is, and how bright it becomes: from -1 to 1. */
  #light = [];
  /** @type {Float32Array[]} */
  #wanted = [];
  /** @type {Record<string, string>} */
  #colours = {};
  #isScheduled = false;
  #areLinesOld = true;
  #lastFrame = 0;
  #width = 0;

  /** @param {AbortSignal} signal */
  constructor(signal) {
    this.element = document.createElement("canvas");
    this.context = /** @type {CanvasRenderingContext2D} */ (this.element.getContext("2d"));
    this.lineLayer = new LineLayer(this);
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    addEventListener("themechange", () => this.#forgetColours(), { signal });
  }

  #forgetColours() {
    this.#colours = {};
    this.redrawLines();
  }

  #readColours() {
    if (this.#colours.ink) return;
    for (const name of COLOURS) this.#colours[name] = colour(name);
  }

  /**
   * Fits the canvas to its place. The lamps of layers that keep their rows stay as bright as they are.
   * @param {number} width
   */
  resize(width) {
    this.#width = width;
    const ratio = devicePixelRatio || 1;
    for (const canvas of [this.element, this.lineLayer.canvas]) {
      const [wide, high] = [Math.round(width * ratio), Math.round(BODY_HEIGHT * ratio)];
      if (canvas.width !== wide) canvas.width = wide;
      if (canvas.height !== high) canvas.height = high;
    }
    const keep = (/** @type {Float32Array[]} */ lights) =>
      this.columns.map(({ rows }, layer) => (lights[layer]?.length === rows ? lights[layer] : new Float32Array(rows)));
    this.#light = keep(this.#light);
    this.#wanted = keep(this.#wanted);
    this.redrawLines();
  }

  /**
   * @param {number} layer
   * @param {number[]} brightness Of each row, from -1 to 1.
   */
  lightUp(layer, brightness) {
    this.#wanted[layer]?.set(brightness.slice(0, this.#wanted[layer].length));
    this.redraw();
  }

  redrawLines() {
    this.#areLinesOld = true;
    this.redraw();
  }

  /** Draws once before the next frame, and goes on until no lamp changes. */
  redraw() {
    if (this.#isScheduled || !this.#width) return;
    this.#isScheduled = true;
    requestAnimationFrame(this.#frame);
  }

  #frame = (/** @type {number} */ now) => {
    this.#isScheduled = false;
    const elapsed = Math.min(50, now - this.#lastFrame);
    this.#lastFrame = now;
    this.#readColours();
    const isMoving = this.#fade(this.calm.matches ? 1 : 1 - Math.exp(-elapsed / FADE_MS));
    if (this.#areLinesOld) this.lineLayer.draw(this.#colours);
    this.#areLinesOld = false;
    this.#draw();
    if (isMoving) this.redraw();
  };

  /** @param {number} share Of the way to its brightness that each lamp covers now. */
  #fade(share) {
    let isMoving = false;
    for (let layer = 0; layer < this.#light.length; layer++) {
      const light = this.#light[layer];
      const wanted = this.#wanted[layer];
      for (let row = 0; row < light.length; row++) {
        const rest = wanted[row] - light[row];
        light[row] = Math.abs(rest) < CLOSE_ENOUGH ? wanted[row] : light[row] + rest * share;
        if (light[row] !== wanted[row]) isMoving = true;
      }
    }
    return isMoving;
  }

  #draw() {
    const { context, element } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, element.width, element.height);
    context.drawImage(this.lineLayer.canvas, 0, 0);
    const ratio = devicePixelRatio || 1;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#drawInput();
    for (let layer = 0; layer < this.columns.length; layer++) this.#drawUnits(layer);
    this.#drawOutputs();
    this.#drawChosen();
  }

  #drawInput() {
    const { context, input } = this;
    const left = input.x - input.side / 2;
    const top = (UNITS_HEIGHT - input.side) / 2;
    context.fillStyle = "#000";
    context.fillRect(left, top, input.side, input.side);
    context.imageSmoothingEnabled = false;
    if (input.image) context.drawImage(input.image, left, top, input.side, input.side);
    context.strokeStyle = this.#colours.edge;
    context.lineWidth = 1;
    context.strokeRect(left - 0.5, top - 0.5, input.side + 1, input.side + 1);
  }

  /** @param {number} layer */
  #drawUnits(layer) {
    const { context } = this;
    const column = this.columns[layer];
    const light = this.#light[layer];
    context.lineWidth = 1;
    for (let row = 0; row < column.rows; row++) {
      const y = rowCentre(column, row);
      if (layer === 0) this.#drawPicture(column.x - PICTURE_GAP, y, row);
      context.beginPath();
      context.arc(column.x, y, LAMP, 0, 2 * Math.PI);
      context.fillStyle = this.#colours.panel;
      context.fill();
      context.globalAlpha = Math.abs(light[row]);
      context.fillStyle = light[row] < 0 ? this.#colours.negative : this.#colours.positive;
      context.fill();
      context.globalAlpha = 1;
      context.strokeStyle = this.#colours.edge;
      context.stroke();
    }
  }

  /**
   * The weights into a unit of the first layer.
   * @param {number} x
   * @param {number} y
   * @param {number} row
   */
  #drawPicture(x, y, row) {
    const { context } = this;
    const picture = this.pictures[row];
    context.fillStyle = picture ? PICTURE_GROUND : this.#colours.panel;
    context.fillRect(x - PICTURE / 2, y - PICTURE / 2, PICTURE, PICTURE);
    context.imageSmoothingEnabled = true;
    if (picture) context.drawImage(picture, x - PICTURE / 2, y - PICTURE / 2, PICTURE, PICTURE);
    context.strokeStyle = this.#colours.line;
    context.strokeRect(x - PICTURE / 2, y - PICTURE / 2, PICTURE, PICTURE);
  }

  /** The digits, with a bar and a number each. */
  #drawOutputs() {
    const { context } = this;
    const column = this.columns[this.columns.length - 1];
    if (!column) return;
    const light = this.#light[this.columns.length - 1];
    context.textBaseline = "middle";
    context.textAlign = "start";
    context.font = "600 14px system-ui, sans-serif";
    context.fillStyle = this.#colours.ink;
    for (let row = 0; row < column.rows; row++) {
      const y = rowCentre(column, row);
      context.fillText(DIGIT_NAMES[row] ?? "", column.x + 14, y);
    }
    context.font = "12px system-ui, sans-serif";
    context.textAlign = "end";
    const longest = Math.max(0, this.outputWidth - BAR_X - NUMBER_WIDTH);
    for (let row = 0; row < column.rows; row++) {
      const y = rowCentre(column, row);
      context.fillStyle = light[row] < 0 ? this.#colours.negative : this.#colours.positive;
      context.fillRect(column.x + BAR_X, y - 4, Math.abs(light[row]) * longest, 8);
      context.fillStyle = this.#colours.ink;
      if (this.outputs[row]) context.fillText(this.outputs[row], column.x + this.outputWidth, y);
    }
  }

  #drawChosen() {
    if (!this.chosen) return;
    const { context } = this;
    const { layer, row } = this.chosen;
    const column = this.columns[layer];
    if (!column || row >= column.rows) return;
    context.beginPath();
    context.arc(column.x, rowCentre(column, row), LAMP + 3, 0, 2 * Math.PI);
    context.strokeStyle = this.#colours.ink;
    context.lineWidth = 2;
    context.stroke();
    context.lineWidth = 1;
  }
}

const DIGIT_NAMES = Array.from({ length: 10 }, (_, digit) => String(digit));
