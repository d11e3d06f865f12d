// @ts-check
// A plot that grows while a job trains, with a cursor for pointer and arrow keys. The page draws it on a canvas itself,
// because Vega draws 50,000 points only about twice a second.

import { colour } from "../ui/dom.js";
import { drawAxes, drawCursor, drawLevels, drawSigns } from "./axes.js";
import { drawBand } from "./band.js";
import { drawCurve } from "./curve.js";
import { boxOf, layoutOf, wide } from "./picture.js";

/**
 * @import { Picture, Sign, Size } from "./picture.js"
 * @import { Range } from "./scale.js"
 */

/** How far an arrow key moves the cursor, as a share of the x axis. */
const CURSOR_STEP = 0.02;

const FONT_SIZE = 12;
const PIXELS_NEAR_A_SIGN = 10;

export class Plot {
  #isDrawScheduled = false;
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
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
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
    if (this.#isDrawScheduled) return;
    this.#isDrawScheduled = true;
    requestAnimationFrame(() => {
      this.#isDrawScheduled = false;
      this.#draw();
    });
  }

  #draw() {
    const picture = this.describe();
    const size = this.#size();
    if (!size.width || !size.height) return;
    this.#x = wide(picture.x);
    this.#signs = picture.signs ?? [];
    this.#clear(size);
    const layout = layoutOf(picture, size);
    if (!layout) return this.#drawText(picture.emptyText, size);
    drawAxes(this.context, picture, layout);
    for (const curve of picture.curves) drawBand(this.context, curve, layout);
    for (const curve of picture.curves) drawCurve(this.context, curve, layout);
    drawLevels(this.context, picture, layout);
    drawSigns(this.context, this.#signs, layout);
    if (this.cursor !== null) drawCursor(this.context, this.cursor, layout);
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
   * Empties the canvas and gives it one pixel for each pixel of the screen.
   * @param {Size} size
   */
  #clear({ width, height, zoom }) {
    const { canvas, context } = this;
    const ratio = devicePixelRatio || 1;
    const [pixelWidth, pixelHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
      [canvas.width, canvas.height] = [pixelWidth, pixelHeight];
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = `${FONT_SIZE * zoom}px system-ui, sans-serif`;
  }

  /**
   * @param {string} text
   * @param {Size} size
   */
  #drawText(text, { width, height }) {
    this.context.fillStyle = colour("faint");
    this.context.textAlign = "center";
    this.context.fillText(text, width / 2, height / 2);
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
    this.refresh();
  }
}
