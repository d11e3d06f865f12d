// @ts-check
// A drawing pad for mouse, finger, pen and keyboard. It is white on black, like the digits of MNIST.

import { sharedDrawing } from "./drawing.js";

/** @import { Drawing, Picture, Point, Stroke } from "./drawing.js" */

const SIDE = 280;
const KEY_STEP = 8;

/** Pen widths in pixels of the drawing. */
export const PEN_WIDTHS = { small: 12, medium: 20, large: 30 };

/** @type {Record<string, [dx: number, dy: number]>} */
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Pad {
  /** @type {number | null} The pointer that draws; others are ignored until it is lifted. */
  #pointer = null;
  #keyboardPen = startingPen();
  penWidth = PEN_WIDTHS.medium;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(isOther: boolean) => void} onChange Called after each piece of a stroke, and with true where another
   *   picture than before is on the pad: after clearing, undoing and opening, and with the first stroke.
   * @param {Drawing} [drawing]
   */
  constructor(canvas, onChange, drawing = sharedDrawing) {
    this.canvas = canvas;
    this.onChange = onChange;
    this.drawing = drawing;
    canvas.width = canvas.height = SIDE;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
    this.#paint();
    this.#listen();
  }

  get isBlank() {
    return this.drawing.isBlank;
  }

  /** Where the keyboard's pen is, as shares of the pad's sides. */
  get keyboardPen() {
    const { x, y, isDown } = this.#keyboardPen;
    return { x: x / SIDE, y: y / SIDE, isDown };
  }

  clear() {
    this.drawing.clear();
    this.#keyboardPen = startingPen();
    this.#showOther();
  }

  undo() {
    this.drawing.undo();
    this.#keyboardPen.isDown = false;
    this.#showOther();
  }

  /**
   * Shows a picture, as large as it fits, in place of the drawing.
   * @param {ImageBitmap | null} image Null where the browser cannot read the file.
   * @param {Blob} file What the service receives.
   */
  show(image, file) {
    this.drawing.show(image && fitted(image), file);
    this.#showOther();
  }

  /**
   * What the service receives: an opened file unchanged, else the drawing as a PNG.
   * @returns {Promise<Blob>}
   */
  async image() {
    return this.drawing.file ?? this.toPng();
  }

  /**
   * The drawing as a PNG.
   * @returns {Promise<Blob>}
   */
  async toPng() {
    const png = await new Promise((resolve) => this.canvas.toBlob(resolve, "image/png"));
    if (!png) throw new Error("the browser could not encode the drawing as a PNG");
    return png;
  }

  #listen() {
    const { canvas } = this;
    const end = (/** @type {PointerEvent} */ event) => this.#endStroke(event.pointerId);
    canvas.addEventListener("pointerdown", (event) => this.#press(event));
    canvas.addEventListener("pointerenter", (event) => this.#enter(event));
    canvas.addEventListener("pointermove", (event) => this.#continueStroke(event));
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
    canvas.addEventListener("lostpointercapture", end);
    // The menu of a long press would end the stroke
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("keydown", (event) => this.#pressKey(event));
  }

  #showOther() {
    this.#pointer = null;
    this.#paint();
    this.onChange(true);
  }

  #paint() {
    this.context.fillStyle = "#000";
    this.context.fillRect(0, 0, SIDE, SIDE);
    for (const each of this.drawing.visible) {
      if (each.kind === "picture") this.#paintPicture(each);
      else this.#paintStroke(each);
    }
  }

  /** @param {Picture} picture */
  #paintPicture({ image }) {
    if (image) this.context.drawImage(image, 0, 0);
  }

  /** @param {Stroke} stroke */
  #paintStroke({ points, width }) {
    points.forEach((point, index) => {
      this.#line(points[Math.max(0, index - 1)], point, width);
    });
  }

  /**
   * Where a pointer is, in the pixels of the drawing.
   * @param {PointerEvent} event
   * @returns {Point}
   */
  #pointAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const inDrawing = (/** @type {number} */ share) => Math.round(share * SIDE * 10) / 10;
    return {
      x: inDrawing((event.clientX - box.left) / box.width),
      y: inDrawing((event.clientY - box.top) / box.height),
    };
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.button > 0 || this.#pointer !== null) return;
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    this.#startStroke(event);
  }

  /**
   * A mouse or pen that was pressed beside the pad begins its stroke at the border.
   * @param {PointerEvent} event
   */
  #enter(event) {
    if (event.buttons === 1 && event.pointerType !== "touch" && this.#pointer === null) this.#startStroke(event);
  }

  /** @param {PointerEvent} event */
  #startStroke(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.#pointer = event.pointerId;
    this.#keyboardPen.isDown = false;
    this.#begin(this.#pointAt(event));
  }

  /** @param {PointerEvent} event */
  #continueStroke(event) {
    if (event.pointerId !== this.#pointer) return;
    if (!(event.buttons & 1)) return this.#endStroke(event.pointerId);
    // Browsers join fast movements into one event; the points between make a smoother line
    const joined = event.getCoalescedEvents?.() ?? [];
    for (const each of joined.length ? joined : [event]) this.#extend(this.#pointAt(each));
  }

  /** @param {number} pointerId */
  #endStroke(pointerId) {
    if (pointerId !== this.#pointer) return;
    this.#pointer = null;
    this.drawing.keep();
  }

  /** @param {Point} point */
  #begin(point) {
    const wasBlank = this.isBlank || this.drawing.file !== null;
    this.drawing.begin(point, this.penWidth);
    this.#line(point, point, this.penWidth);
    this.onChange(wasBlank);
  }

  /** @param {Point} point */
  #extend(point) {
    const stroke = this.drawing.visible.at(-1);
    if (stroke?.kind !== "stroke") return;
    this.#line(stroke.points[stroke.points.length - 1], point, stroke.width);
    this.drawing.extend(point);
    this.onChange(false);
  }

  /**
   * @param {Point} from
   * @param {Point} to
   * @param {number} width
   */
  #line(from, to, width) {
    const { context } = this;
    context.strokeStyle = "#fff";
    context.lineWidth = width;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x + 0.01, to.y); // a line of length zero would not be drawn
    context.stroke();
  }

  /** @param {KeyboardEvent} event */
  #pressKey(event) {
    if (event.key === "Escape" && !this.isBlank) {
      event.preventDefault(); // the presentation mode goes on
      return this.clear();
    }
    const direction = DIRECTIONS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || (!direction && event.key !== " ")) return;
    event.preventDefault();
    if (direction) this.#moveKeyboardPen(direction);
    else this.#toggleKeyboardPen();
    this.canvas.dispatchEvent(new Event("penmove"));
  }

  #toggleKeyboardPen() {
    const pen = this.#keyboardPen;
    pen.isDown = !pen.isDown;
    if (pen.isDown) this.#begin({ x: pen.x, y: pen.y });
    this.drawing.keep();
  }

  /** @param {[dx: number, dy: number]} direction */
  #moveKeyboardPen([dx, dy]) {
    const pen = this.#keyboardPen;
    pen.x = insidePad(pen.x + dx * KEY_STEP);
    pen.y = insidePad(pen.y + dy * KEY_STEP);
    if (pen.isDown) this.#extend({ x: pen.x, y: pen.y });
  }
}

const startingPen = () => ({ x: SIDE / 2, y: SIDE / 4, isDown: false });

/**
 * A picture in the size of the pad; a photo would take much more memory.
 * @param {ImageBitmap} image
 */
function fitted(image) {
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const scale = Math.min(SIDE / image.width, SIDE / image.height);
  const [width, height] = [image.width * scale, image.height * scale];
  context.imageSmoothingEnabled = scale < 4;
  context.drawImage(image, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
  return canvas;
}

/** @param {number} coordinate */
const insidePad = (coordinate) => Math.min(SIDE - PEN_WIDTHS.medium, Math.max(PEN_WIDTHS.medium, coordinate));
