// @ts-check
// A drawing pad for mouse, finger, pen and keyboard. It is white on black, like the digits of MNIST.

const SIDE = 280;
const PEN_WIDTH = 20;
const KEY_STEP = 8;

/** @type {Record<string, [dx: number, dy: number]>} */
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @typedef {{ x: number, y: number }} Point */

export class Pad {
  /** @type {Map<number, Point>} The last point of each pointer that is down. */
  #lastPoints = new Map();
  #keyboardPen = startingPen();
  isBlank = true;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => void} onChange Called after each piece of a stroke, and after clearing.
   */
  constructor(canvas, onChange) {
    this.canvas = canvas;
    this.onChange = onChange;
    canvas.width = canvas.height = SIDE;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
    this.#wipe();
    canvas.addEventListener("pointerdown", (event) => this.#startStroke(event));
    canvas.addEventListener("pointermove", (event) => this.#continueStroke(event));
    canvas.addEventListener("pointerup", (event) => this.#lastPoints.delete(event.pointerId));
    canvas.addEventListener("pointercancel", (event) => this.#lastPoints.delete(event.pointerId));
    canvas.addEventListener("keydown", (event) => this.#pressKey(event));
  }

  clear() {
    this.#wipe();
    this.onChange();
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

  /**
   * Shows an image instead of a drawing, as large as it fits.
   * @param {ImageBitmap | HTMLCanvasElement} image
   */
  show(image) {
    this.#wipe();
    const scale = Math.min(SIDE / image.width, SIDE / image.height);
    const [width, height] = [image.width * scale, image.height * scale];
    this.context.imageSmoothingEnabled = scale < 4;
    this.context.drawImage(image, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
    this.isBlank = false;
  }

  #wipe() {
    this.context.fillStyle = "#000";
    this.context.fillRect(0, 0, SIDE, SIDE);
    this.isBlank = true;
    this.#keyboardPen = startingPen();
  }

  /**
   * Where a pointer is, in the pixels of the drawing.
   * @param {PointerEvent} event
   * @returns {Point}
   */
  #pointAt(event) {
    const box = this.canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * SIDE,
      y: ((event.clientY - box.top) / box.height) * SIDE,
    };
  }

  /** @param {PointerEvent} event */
  #startStroke(event) {
    if (event.button > 0) return;
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    const point = this.#pointAt(event);
    this.#lastPoints.set(event.pointerId, point);
    this.#line(point, point);
  }

  /** @param {PointerEvent} event */
  #continueStroke(event) {
    // Browsers join fast movements into one event; the points between make a smoother line
    const joined = event.getCoalescedEvents?.() ?? [];
    for (const each of joined.length ? joined : [event]) {
      const last = this.#lastPoints.get(event.pointerId);
      if (!last) return;
      const point = this.#pointAt(each);
      this.#line(last, point);
      this.#lastPoints.set(event.pointerId, point);
    }
  }

  /**
   * @param {Point} from
   * @param {Point} to
   */
  #line(from, to) {
    const { context } = this;
    context.strokeStyle = "#fff";
    context.lineWidth = PEN_WIDTH;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x + 0.01, to.y); // a line of length zero would not be drawn
    context.stroke();
    this.isBlank = false;
    this.onChange();
  }

  /** @param {KeyboardEvent} event */
  #pressKey(event) {
    if (event.key === "Escape") return this.clear();
    const direction = DIRECTIONS[event.key];
    if (!direction && event.key !== " ") return;
    event.preventDefault();
    if (direction) this.#moveKeyboardPen(direction);
    else this.#toggleKeyboardPen();
  }

  #toggleKeyboardPen() {
    const pen = this.#keyboardPen;
    pen.isDown = !pen.isDown;
    if (pen.isDown) this.#line(pen, pen);
  }

  /** @param {[dx: number, dy: number]} direction */
  #moveKeyboardPen([dx, dy]) {
    const pen = this.#keyboardPen;
    const from = { x: pen.x, y: pen.y };
    pen.x = insidePad(pen.x + dx * KEY_STEP);
    pen.y = insidePad(pen.y + dy * KEY_STEP);
    if (pen.isDown) this.#line(from, pen);
  }
}

const startingPen = () => ({ x: SIDE / 2, y: SIDE / 4, isDown: false });

/** @param {number} coordinate */
const insidePad = (coordinate) => Math.min(SIDE - PEN_WIDTH, Math.max(PEN_WIDTH, coordinate));
