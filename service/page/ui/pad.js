// A pad to draw on with mouse, finger, pen or keys: white on black, as the digits of MNIST are.

export const SIDE = 280;
const PEN = 20;
const STEP = 8;

/** A pad over *canvas*; `changed()` is called with each stroke's every move. */
export class Pad {
  #last = new Map();
  #strokes = 0;
  #key = { x: SIDE / 2, y: SIDE / 4, down: false };

  constructor(canvas, changed) {
    Object.assign(this, { canvas, changed });
    canvas.width = canvas.height = SIDE;
    this.context = canvas.getContext("2d", { willReadFrequently: true });
    this.#wipe();
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => this.#last.delete(event.pointerId));
    canvas.addEventListener("keydown", (event) => this.#press(event));
  }

  get blank() { return this.#strokes === 0; }

  clear() {
    this.#wipe();
    this.changed();
  }

  /** What is drawn, as a PNG. */
  picture() {
    return new Promise((resolve) => this.canvas.toBlob(resolve, "image/png"));
  }

  /** Shows a picture that was not drawn here, as large as it fits. */
  show(image) {
    this.#wipe();
    const scale = Math.min(SIDE / image.width, SIDE / image.height);
    const [width, height] = [image.width * scale, image.height * scale];
    this.context.imageSmoothingEnabled = scale < 4;
    this.context.drawImage(image, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
    this.#strokes = 1;
  }

  #wipe() {
    this.context.fillStyle = "#000";
    this.context.fillRect(0, 0, SIDE, SIDE);
    this.#strokes = 0;
    this.#key = { x: SIDE / 2, y: SIDE / 4, down: false };
  }

  #at(event) {
    const box = this.canvas.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width * SIDE, y: (event.clientY - box.top) / box.height * SIDE };
  }

  #down(event) {
    if (event.button > 0) return;
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    const place = this.#at(event);
    this.#last.set(event.pointerId, place);
    this.#line(place, place);
  }

  #move(event) {
    if (!this.#last.has(event.pointerId)) return;
    const between = event.getCoalescedEvents?.() ?? [];
    for (const one of between.length ? between : [event]) {
      const place = this.#at(one);
      this.#line(this.#last.get(event.pointerId), place);
      this.#last.set(event.pointerId, place);
    }
  }

  #line(from, to) {
    const { context } = this;
    context.strokeStyle = "#fff";
    context.lineWidth = PEN;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x + 0.01, to.y);
    context.stroke();
    this.#strokes++;
    this.changed();
  }

  #press(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const pen = this.#key;
    if (event.key === " ") pen.down = !pen.down;
    else if (event.key === "Escape") return this.clear();
    else if (!way) return undefined;
    event.preventDefault();
    const from = { x: pen.x, y: pen.y };
    if (way) {
      pen.x = Math.min(SIDE - PEN, Math.max(PEN, pen.x + way[0] * STEP));
      pen.y = Math.min(SIDE - PEN, Math.max(PEN, pen.y + way[1] * STEP));
    }
    if (pen.down) this.#line(from, pen);
    return undefined;
  }
}
