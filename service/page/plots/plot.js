// @ts-check
// A plot that grows while a job trains, with a cursor for pointer and arrow keys. The page draws it on a canvas itself,
// because Vega draws 50,000 points only about twice a second.

import { colour, h } from "../ui/dom.js";
import { drawAxes, drawCursor, drawLevels, drawSigns } from "./axes.js";
import { drawBand } from "./band.js";
import { drawCurve } from "./curve.js";
import { boxOf, layoutOf, wide } from "./picture.js";

/**
 * @import { Layout, Picture, Sign, Size } from "./picture.js"
 * @import { Range } from "./scale.js"
 */

/** How far an arrow key moves the cursor, as a share of the x axis. */
const CURSOR_STEP = 0.02;

const FONT_SIZE = 12;
const PIXELS_NEAR_A_SIGN = 10;

export class Plot {
  #isDrawScheduled = false;
  #isStale = true;
  /** The drawing without the cursor: a cursor that moves then costs one copy, however many curves there are. */
  #still = h("canvas");
  /** @type {Layout | null} */
  #layout = null;
  /** @type {Range} */
  #x = { low: 0, high: 1 };
  /** @type {Sign[]} */
  #signs = [];
  /** @type {number | null} The x value of the cursor; null while there is none. */
  cursor = null;
  /** @type {(x: number | null) => void} Called when the cursor moves. */
  onCursor = () => {};

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => Picture} describe Called before each drawing.
   * @param {AbortSignal} signal
   */
  constructor(canvas, describe, signal) {
    this.canvas = canvas;
    this.describe = describe;
    const observer = new ResizeObserver(() => this.refresh());
    observer.observe(canvas);
    signal.addEventListener("abort", () => observer.disconnect());
    addEventListener("themechange", () => this.refresh(), { signal });
    canvas.addEventListener("pointermove", (event) => this.#moveCursor(this.#xAt(event.offsetX)));
    canvas.addEventListener("pointerleave", () => this.#moveCursor(null));
    canvas.addEventListener("keydown", (event) => this.#pressKey(event));
  }

  /** Draws the plot with the next frame; several calls before it lead to one drawing. */
  refresh() {
    this.#isStale = true;
    this.#schedule();
  }

  #schedule() {
    if (this.#isDrawScheduled) return;
    this.#isDrawScheduled = true;
    requestAnimationFrame(() => {
      this.#isDrawScheduled = false;
      this.#draw();
    });
  }

  #draw() {
    if (this.#isStale) this.#drawStill();
    if (!this.#still.width) return;
    const context = cleared(this.canvas, this.#still);
    context.drawImage(this.#still, 0, 0);
    if (this.cursor === null || !this.#layout) return;
    const ratio = this.#still.width / this.#layout.width;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawCursor(context, this.cursor, this.#layout);
  }

  /** Draws all but the cursor. */
  #drawStill() {
    const picture = this.describe();
    const size = this.#size();
    if (!size.width || !size.height) return;
    this.#isStale = false;
    this.#x = wide(picture.x);
    this.#signs = picture.signs ?? [];
    const context = emptyCanvas(this.#still, size);
    this.#layout = layoutOf(picture, size);
    if (!this.#layout) return drawText(context, picture.emptyText, size);
    drawAxes(context, picture, this.#layout);
    for (const curve of picture.curves) drawBand(context, curve, this.#layout);
    for (const curve of picture.curves) drawCurve(context, curve, this.#layout);
    drawLevels(context, picture, this.#layout);
    drawSigns(context, this.#signs, this.#layout);
  }

  /** The signs near the cursor, for the view to write their texts. */
  signsAtCursor() {
    const { cursor } = this;
    if (cursor === null) return [];
    const { low, high } = this.#x;
    const near = Math.max(CURSOR_STEP / 2, PIXELS_NEAR_A_SIGN / this.width) * (high - low);
    return this.#signs.filter(({ x }) => Math.abs(x - cursor) <= near);
  }

  /** How many pixels wide the space between the axes is. */
  get width() {
    const { left, right } = boxOf(this.#size());
    return Math.max(1, right - left);
  }

  /** @returns {Size} Text and lines are as large as the page's text. */
  #size() {
    const zoom = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    return { width: this.canvas.clientWidth, height: this.canvas.clientHeight, zoom };
  }

  /**
   * The x value at a pixel of the canvas.
   * @param {number} pixel
   */
  #xAt(pixel) {
    const { left, right } = boxOf(this.#size());
    const { low, high } = this.#x;
    return this.#insideX(low + ((pixel - left) / (right - left)) * (high - low));
  }

  /** @param {number} x */
  #insideX(x) {
    return Math.min(this.#x.high, Math.max(this.#x.low, x));
  }

  /** @param {KeyboardEvent} event */
  #pressKey(event) {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    const isRight = event.key === "ArrowRight";
    const step = (this.#x.high - this.#x.low) * CURSOR_STEP;
    const from = this.cursor ?? (isRight ? this.#x.low : this.#x.high);
    this.#moveCursor(this.#insideX(isRight ? from + step : from - step));
  }

  /** @param {number | null} x */
  #moveCursor(x) {
    this.cursor = x;
    this.onCursor(x);
    this.#schedule();
  }
}

/**
 * Empties a canvas and gives it so many pixels.
 * @param {HTMLCanvasElement} canvas
 * @param {{ width: number, height: number }} pixels
 */
function cleared(canvas, { width, height }) {
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/**
 * Empties a canvas and gives it one pixel for each pixel of the screen.
 * @param {HTMLCanvasElement} canvas
 * @param {Size} size
 */
function emptyCanvas(canvas, { width, height, zoom }) {
  const ratio = devicePixelRatio || 1;
  const context = cleared(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.font = `${FONT_SIZE * zoom}px system-ui, sans-serif`;
  return context;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {Size} size
 */
function drawText(context, text, { width, height }) {
  context.fillStyle = colour("faint");
  context.textAlign = "center";
  context.fillText(text, width / 2, height / 2);
}
