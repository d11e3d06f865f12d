// Draws curves on a canvas. Of all points that share a column of pixels the lowest and highest are drawn, so that the
// picture is that of all points, at the price of a few hundred.

import { colour } from "../ui/dom.js";
import { extent } from "./series.js";
import { number } from "../ui/words.js";

const MARGIN = { left: 52, right: 14, top: 12, bottom: 30 };

/** So many epochs are marked in a curve of steps, or shown as dots, before they crowd it: as in the charts. */
export const FEW = 60;

/** A canvas with axes. */
export class Plot {
  #due = false;

  constructor(canvas, describe, signal) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.describe = describe;
    this.cursor = null;
    this.x = { low: 0, high: 1 };
    const observer = new ResizeObserver(() => this.refresh());
    observer.observe(canvas);
    signal.addEventListener("abort", () => observer.disconnect());
    addEventListener("themechange", () => this.refresh(), { signal });
    canvas.addEventListener("pointermove", (event) => this.#point(this.xAt(event.offsetX)));
    canvas.addEventListener("pointerleave", () => this.#point(null));
    canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Has it drawn with the next frame, once however often this is said. */
  refresh() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#draw(this.describe());
    });
  }

  xAt(pixel) {
    const share = (pixel - MARGIN.left) / (this.canvas.clientWidth - MARGIN.left - MARGIN.right);
    return this.x.low + Math.min(1, Math.max(0, share)) * (this.x.high - this.x.low);
  }

  #point(x) {
    this.cursor = x;
    this.onpoint?.(x);
    this.refresh();
  }

  #key(event) {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const span = this.x.high - this.x.low;
    const from = this.cursor ?? (way > 0 ? this.x.low : this.x.high);
    this.#point(Math.min(this.x.high, Math.max(this.x.low, from + way * span * 0.02)));
  }

  #draw({ x, series, marks = [], log = false, floor = null, ceiling = null, format = number, empty = "" }) {
    const { canvas, context } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width || !height) return;
    const scale = devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
    }
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = "12px system-ui, sans-serif";
    this.x = x;
    const y = vertical(series, { log, floor, ceiling });
    if (!y) return this.#say(empty, width, height);
    const across = (value) => MARGIN.left + (value - x.low) / (x.high - x.low || 1) * (width - MARGIN.left - MARGIN.right);
    const share = log ? (value) => Math.log(value / y.low) / Math.log(y.high / y.low) : (value) => (value - y.low) / (y.high - y.low);
    const down = (value) => height - MARGIN.bottom - share(value) * (height - MARGIN.bottom - MARGIN.top);
    this.#grid({ x, y, log, across, down, format, marks, width, height });
    for (const one of series) this.#curve(one, across, down, { width, height });
    if (this.cursor !== null) this.#rule(across(this.cursor), height);
  }

  #say(text, width, height) {
    this.context.fillStyle = colour("faint");
    this.context.textAlign = "center";
    this.context.fillText(text, width / 2, height / 2);
  }

  #grid({ x, y, log, across, down, format, marks, width, height }) {
    const { context } = this;
    context.lineWidth = 1;
    context.strokeStyle = colour("line");
    context.fillStyle = colour("faint");
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const tick of log ? decades(y.low, y.high) : ticks(y.low, y.high, 5)) {
      this.#stroke([[MARGIN.left, down(tick)], [width - MARGIN.right, down(tick)]]);
      context.fillText(format(tick, 3), MARGIN.left - 8, down(tick));
    }
    context.textBaseline = "alphabetic";
    context.textAlign = "center";
    for (const tick of ticks(x.low, x.high, Math.max(2, Math.round(width / 130)))) {
      const half = context.measureText(number(tick)).width / 2;
      if (Number.isInteger(tick)) context.fillText(number(tick), Math.min(across(tick), width - half - 2), height - 10);
    }
    context.setLineDash([2, 4]);
    context.strokeStyle = colour("mark");
    for (const mark of marks) this.#stroke([[across(mark), MARGIN.top], [across(mark), height - MARGIN.bottom]]);
    context.setLineDash([]);
  }

  #rule(at, height) {
    this.context.strokeStyle = colour("faint");
    this.context.lineWidth = 1;
    this.#stroke([[at, MARGIN.top], [at, height - MARGIN.bottom]]);
  }

  #stroke(points) {
    this.context.beginPath();
    points.forEach(([px, py], i) => (i ? this.context.lineTo(px, py) : this.context.moveTo(px, py)));
    this.context.stroke();
  }

  #curve({ values, at = (i) => i + 1, paint, thickness = 1.5, opacity = 1, dots = false }, across, down, { width, height }) {
    const { context } = this;
    context.save();
    context.beginPath();
    context.rect(MARGIN.left - 4, 0, width - MARGIN.left - MARGIN.right + 8, height - MARGIN.bottom + 4);
    context.clip();
    context.strokeStyle = context.fillStyle = colour(paint);
    context.globalAlpha = opacity;
    context.lineWidth = thickness;
    context.lineJoin = "round";
    const points = [...thinned(values, at, across)];
    context.beginPath();
    let lifted = true;
    for (const [px, value] of points) {
      if (!Number.isFinite(value)) { lifted = true; continue; }
      if (lifted) context.moveTo(px, down(value));
      else context.lineTo(px, down(value));
      lifted = false;
    }
    context.stroke();
    if (dots) for (const [px, value] of points) { context.beginPath(); context.arc(px, down(value), 3.5, 0, 7); context.fill(); }
    context.restore();
  }
}

/** Of each half column of pixels the first, lowest and highest point. */
function* thinned(values, at, across) {
  let [column, low, high] = [null, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const px = Math.round(across(at(i)) * 2) / 2;
    if (px !== column) {
      if (column !== null && high !== low) { yield [column, low]; yield [column, high]; }
      yield [px, value];
      [column, low, high] = [px, value, value];
    } else if (value < low) low = value;
    else if (value > high) high = value;
  }
  if (column !== null && high !== low) { yield [column, low]; yield [column, high]; }
}

function vertical(series, { log, floor, ceiling }) {
  let [low, high] = [Infinity, -Infinity];
  for (const { values } of series) [low, high] = extent(values, low, high);
  if (low === Infinity) return null;
  if (log) return { low: Math.max(low, 1e-6) * 0.9, high: Math.max(high, 1e-6) * 1.1 };
  low = floor ?? low;
  high = ceiling ?? high;
  return { low: Math.min(low, high - 1e-9), high: high + (ceiling === null ? (high - low) * 0.04 : 0) };
}

/** Which of so many epochs are marked: all of sixty, of more every second, fifth, tenth. */
export function marked(epochs) {
  let every = 1;
  for (let i = 0; epochs > FEW * every; i++) every *= i % 3 === 1 ? 2.5 : 2;
  return Array.from({ length: Math.floor(epochs / every) }, (_, i) => every * (i + 1));
}

/** About so many round numbers from *low* to *high*. */
function ticks(low, high, count) {
  const rough = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function decades(low, high) {
  const wide = Math.log10(high / low) > 2;
  const found = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const factor of wide ? [1] : [1, 2, 5]) found.push(Number((factor * 10 ** power).toPrecision(12)));
  }
  return found.filter((tick) => tick >= low && tick <= high);
}
