// @ts-check
// The curves of compared runs: a plot with a legend that hides and highlights runs, and a table of all values at the
// pointed place, by pointer or by arrow keys. Its picture is saved as the service draws it.

import { get, request } from "../net/api.js";
import { Newest } from "../net/timing.js";
import { seriesOf, valuesAt } from "../plots/compared_series.js";
import { paintOf, roundOf } from "../plots/curve.js";
import { Plot } from "../plots/plot.js";
import { CLIPPED, rangeOf, robustHigh } from "../plots/scale.js";
import { announce, button, fill, h, refill, setText } from "../ui/dom.js";
import { measuredColumn, number, percent } from "../ui/format.js";
import { fileName, saveFile } from "../ui/saving.js";
import { currentLanguage, t } from "../ui/words.js";
import { DASH_PATTERNS, seriesKey } from "./compare_table.js";

/**
 * @import { Series } from "../plots/compared_series.js"
 * @import { CompareState } from "./compare_state.js"
 */

/** All curves together have about so many points, and each at most and at least so many. */
const POINTS = { all: 8000, most: 400, least: 60 };

/** With more runs, the losses of single steps are left out: only the smoothed ones are legible. */
const MOST_PALE = 6;

const PICTURE = { width: 1000, height: 480 };
const ANNOUNCED = 3;

/** The table at the cursor has so many rows; of more runs it has the best. */
const MOST_POINTED = 12;

export class ComparedCurves {
  /** @type {Series[]} */
  series = [];
  /** @type {Set<string>} The labels of the hidden curves. */
  hidden = new Set();
  /** @type {string | null} The label of the curve that stands out. */
  highlighted = null;
  #query = "";
  #requests = new Newest();

  /**
   * @param {CompareState} state
   * @param {AbortSignal} signal
   */
  constructor(state, signal) {
    this.state = state;
    this.signal = signal;
    this.canvas = h("canvas", { class: "plot", role: "img", tabIndex: 0, "aria-label": t("compare.chart") });
    this.values = h("div", { class: "pointed", hidden: true });
    this.legend = h("ul", { class: "legend runs-legend", "aria-label": t("compare.legend") });
    this.picture = h("div", { class: "compared", id: "overlay" }, this.canvas, this.values);
    this.note = h("p", { class: "hint", hidden: true });
    const saves = ["svg", "png"].map((form) => this.#saveButton(form));
    this.element = h(
      "figure",
      {},
      this.picture,
      this.note,
      this.legend,
      h("figcaption", { class: "buttons saves" }, saves),
    );
    this.plot = new Plot(this.canvas, () => this.#describe(), signal);
    this.plot.onCursor = (x) => this.#point(x);
    this.canvas.addEventListener("keyup", (event) => event.key.startsWith("Arrow") && this.#announce());
    this.canvas.addEventListener("keydown", (event) => this.#pressKey(event));
    this.canvas.addEventListener("blur", () => this.#point(null));
  }

  /**
   * Reads the curves and draws them.
   * @param {string} query The parameters of the API's routes for the points and for the picture.
   * @param {number} count How many runs or groups it has.
   */
  async show(query, count) {
    const isNewest = this.#requests.start();
    const points = Math.max(POINTS.least, Math.min(POINTS.most, Math.round(POINTS.all / Math.max(1, count))));
    const { curves } = await get(`v1/compare/points?${query}&max_points=${points}`, { signal: this.signal });
    if (!isNewest()) return;
    this.#query = query;
    this.series = curves.map((/** @type {any} */ each) => seriesOf(each, this.state));
    this.picture.dataset.drawn = query;
    this.#showLegend();
    this.#refresh();
  }

  /** Removes the curves. */
  clear() {
    this.#requests.start();
    this.#query = "";
    this.series = [];
    delete this.picture.dataset.drawn;
    this.#showLegend();
    this.#refresh();
  }

  #refresh() {
    this.plot.refresh();
    this.#point(this.plot.cursor);
    this.canvas.setAttribute("aria-label", this.#description());
  }

  get shown() {
    return this.series.filter(({ label }) => !this.hidden.has(label));
  }

  /** The x axis: from the first point of the shown curves to the last. */
  get #range() {
    const ends = this.shown.flatMap(({ x }) => (x.length ? [x[0], x[x.length - 1]] : []));
    return ends.length ? { low: Math.min(...ends), high: Math.max(...ends) } : { low: 0, high: 1 };
  }

  get isShare() {
    return this.state.figure.endsWith("accuracy");
  }

  /** @returns {import("../plots/picture.js").Picture} */
  #describe() {
    return {
      x: this.#range,
      xTitle: t(`compare.place.${this.state.place}`),
      yTitle: t(this.state.figure === "loss" ? "watch.loss" : `metric.${this.state.figure}`),
      ceiling: this.#ceiling(),
      curves: this.series.flatMap((series, index) => this.#curves(series, index)),
      isLogarithmic: this.state.isLogarithmic,
      isShare: this.isShare,
      emptyText: t("watch.waiting"),
    };
  }

  /** Where a linear axis of losses ends, so that first steps do not flatten the rest; a line below the plot says so. */
  #ceiling() {
    const losses = this.shown.map(({ values, raw }) => ({ values, all: raw.length ? raw : values }));
    const highest = rangeOf(...losses.map(({ all }) => all))?.high ?? 0;
    const ceiling = Math.max(0, ...losses.map(({ values, all }) => robustHigh(all, values)));
    const isClipped = this.state.figure === "loss" && !this.state.isLogarithmic && ceiling < highest * CLIPPED;
    this.note.hidden = !isClipped;
    if (isClipped) setText(this.note, t("watch.clipped", { highest: number(highest, 3) }));
    return isClipped ? ceiling : undefined;
  }

  /**
   * @param {Series} series
   * @param {number} index
   */
  #curves({ label, x, values, raw, low, high }, index) {
    if (this.hidden.has(label) || !x.length) return [];
    const isPale = this.highlighted !== null && this.highlighted !== label;
    const common = {
      paint: paintOf(index),
      xOf: (/** @type {number} */ at) => x[at],
      dash: DASH_PATTERNS[roundOf(index) % DASH_PATTERNS.length],
    };
    const opacity = isPale ? 0.15 : 1;
    const hasDots = this.state.figure !== "loss" && x.length <= 60;
    const main = { ...common, values, opacity, thickness: this.highlighted === label ? 3.5 : 2.2, hasDots };
    const edge = { ...common, thickness: 1, opacity: opacity * 0.25 };
    if (low.length) return [{ ...edge, values: low, bandTo: high }, { ...edge, values: high }, main];
    const hasRaw = raw.length > 0 && this.series.length <= MOST_PALE && !isPale;
    return [...(hasRaw ? [{ ...common, values: raw, thickness: 1, opacity: 0.18 }] : []), main];
  }

  #showLegend() {
    const items = this.series.map(({ label }, index) => h("li", {}, this.#legendButton(label, index)));
    refill(this.legend, items);
  }

  /**
   * @param {string} label
   * @param {number} index
   */
  #legendButton(label, index) {
    const highlight = (/** @type {string | null} */ name) => () => {
      this.highlighted = name;
      this.plot.refresh();
    };
    const toggle = () => {
      if (!this.hidden.delete(label)) this.hidden.add(label);
      this.#showLegend();
      this.#refresh();
    };
    return button(h("span", seriesKey(index), label), toggle, {
      class: "quiet",
      "aria-pressed": String(!this.hidden.has(label)),
      onpointerenter: highlight(label),
      onpointerleave: highlight(null),
      onfocus: highlight(label),
      onblur: highlight(null),
    });
  }

  /** The values at the cursor, the best first. */
  #pointed() {
    const [{ cursor }, shown] = [this.plot, this.shown];
    if (cursor === null || !shown.length) return null;
    const { low, high } = this.#range;
    const reach = (high - low) * 0.01;
    const isWhole = this.state.place === "step" || (this.state.place === "epoch" && this.state.figure !== "loss");
    const place = isWhole ? Math.round(cursor) : cursor;
    const found = valuesAt(shown, place, { reach, isHighestBest: this.isShare });
    const write = this.isShare
      ? (/** @type {number} */ share) => percent(share, 2)
      : measuredColumn(found.map(({ index, at }) => shown[index].values[at]));
    const rows = found.slice(0, MOST_POINTED).map(({ index, at }) => ({
      label: shown[index].label,
      value: write(shown[index].values[at]),
    }));
    const more = found.length - rows.length;
    return { title: `${t(`compare.place.${this.state.place}`)} ${number(place)}`, rows, more };
  }

  /** @param {number | null} x */
  #point(x) {
    if (x === null && this.plot.cursor !== null) {
      this.plot.cursor = null;
      this.plot.refresh();
    }
    const pointed = this.#pointed();
    this.values.hidden = !pointed?.rows.length;
    if (!pointed) return;
    const order = this.series.map(({ label }) => label);
    const rows = pointed.rows.map(({ label, value }) =>
      h("tr", {}, h("th", { scope: "row" }, h("span", seriesKey(order.indexOf(label)), label)), h("td", {}, value)),
    );
    const rest = pointed.more > 0 && h("p", { class: "hint" }, t("runs.and_more", { count: pointed.more }));
    fill(this.values, h("table", {}, h("caption", {}, pointed.title), h("tbody", {}, rows)), rest);
    this.values.classList.toggle("at-left", this.#isCursorRight());
  }

  /** Whether the cursor is in the right half, so that the values stand in the left one. */
  #isCursorRight() {
    const { low, high } = this.#range;
    return (this.plot.cursor ?? 0) > (low + high) / 2;
  }

  /** @param {KeyboardEvent} event */
  #pressKey(event) {
    if (event.key !== "Escape" || this.plot.cursor === null) return;
    event.preventDefault(); // the presentation mode goes on
    this.#point(null);
  }

  #announce() {
    const pointed = this.#pointed();
    if (!pointed) return;
    const values = pointed.rows.slice(0, ANNOUNCED).map(({ label, value }) => `${label}: ${value}`);
    announce(`${pointed.title}. ${values.join("; ")}`);
  }

  /** The text alternative: the chart's subject, and where each curve ends. */
  #description() {
    const last = this.shown
      .filter(({ x }) => x.length)
      .slice(0, MOST_PALE)
      .map(({ label, values }) => `${label}: ${this.isShare ? percent(values.at(-1), 2) : number(values.at(-1))}`);
    return `${t("compare.chart")} ${t(`compare.${this.state.figure}`)}. ${last.join("; ")}`;
  }

  /** @param {string} form */
  #saveButton(form) {
    const name = form.toUpperCase();
    const label = t("chart.save", { format: name, label: t("compare.title") });
    return button(name, () => this.#save(form), { class: "quiet", "aria-label": label });
  }

  /** @param {string} form */
  async #save(form) {
    if (!this.#query) return;
    const parameters = new URLSearchParams(this.#query);
    if (this.state.isLogarithmic) parameters.set("scale_of_loss", "log");
    parameters.set("theme", document.documentElement.dataset.theme ?? "light");
    parameters.set("language", currentLanguage());
    for (const [name, value] of Object.entries(PICTURE)) parameters.set(name, String(value));
    if (form === "png") parameters.set("scale", "2");
    const response = await request(`v1/compare/curve.${form}?${parameters}`, { signal: this.signal });
    const names = this.series.map(({ label }) => label);
    saveFile(await response.blob(), `${fileName(names)}.${form}`);
  }
}
