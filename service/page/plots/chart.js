// @ts-check
// A chart that the service declares in Vega-Lite, drawn by vega-embed. Vega is loaded with the first chart.

import { request } from "../net/api.js";
import { Newest } from "../net/timing.js";
import { button, fill, h, setLabel } from "../ui/dom.js";
import { currentLanguage, t } from "../ui/words.js";

const RESIZE_PAUSE_MS = 200;

/** How long a saved file's object URL is kept: the browser reads it after the click. */
const DOWNLOAD_START_MS = 1000;

/** `ast` and `defaultStyle`: the page's content security policy forbids code made from text and inline styles. */
const OPTIONS = {
  ast: true,
  actions: false,
  mode: "vega-lite",
  renderer: "canvas",
  defaultStyle: false,
  tooltip: { disableDefaultStyle: true },
};

const VEGA_URL = new URL("page/vega.js", document.baseURI).href;

/** @type {Promise<unknown> | undefined} */
let vegaScript;

async function loadVega() {
  vegaScript ??= import(VEGA_URL);
  await vegaScript.catch((error) => {
    vegaScript = undefined; // so that the next chart tries again
    throw error;
  });
  return window.vegaEmbed;
}

export class Chart {
  #path = "";
  #drawnSpec = "";
  #requests = new Newest();
  /** @type {{ finalize(): void } | undefined} */
  #view;

  /**
   * @param {{ id: string, label: string, height: number, signal: AbortSignal }} options *label* is for screen readers;
   *   *height* is in pixels.
   */
  constructor({ id, label, height, signal }) {
    this.label = label;
    this.height = height;
    this.signal = signal;
    this.picture = h("div", { class: "chart", id, role: "img", tabIndex: 0, "aria-label": label });
    this.logarithmic = h("input", { type: "checkbox", onchange: () => this.show(this.#path) });
    this.scale = h("label", { class: "tick", hidden: true }, this.logarithmic, " ", t("watch.logarithmic"));
    const buttons = ["svg", "png"].map((format) => this.#saveButton(format));
    this.element = h("figure", {}, this.picture, h("figcaption", { class: "buttons saves" }, this.scale, buttons));
    this.#redrawOnChange();
    signal.addEventListener("abort", () => this.#view?.finalize());
  }

  /**
   * Shows the chart at a path of the API, such as `v1/jobs/JOB/curve?figure=accuracy`.
   * @param {string} path
   */
  async show(path) {
    this.#path = path;
    const isNewest = this.#requests.start();
    const spec = await (await request(this.#address("json"), { signal: this.signal })).text();
    if (!isNewest() || spec === this.#drawnSpec) return;
    const place = h("div");
    const parsed = JSON.parse(spec);
    const { view } = await (await loadVega())(place, parsed, OPTIONS);
    if (!isNewest() || this.signal.aborted) return view.finalize();
    this.#view?.finalize();
    this.#view = view;
    this.#drawnSpec = spec;
    fill(this.picture, place).dataset.drawn = path;
    setLabel(this.picture, [this.label, parsed.description].filter(Boolean).join(" "));
  }

  /**
   * Offers a logarithmic axis, which only a loss has.
   * @param {boolean} isOffered
   */
  offerLogScale(isOffered) {
    this.scale.hidden = !isOffered;
  }

  /** Removes the chart. */
  clear() {
    this.#path = this.#drawnSpec = "";
    this.#requests.start();
    fill(this.picture);
    delete this.picture.dataset.drawn;
  }

  #redrawOnChange() {
    const redraw = () => this.#path && this.show(this.#path).catch(() => {});
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const observer = new ResizeObserver(() => {
      clearTimeout(timer);
      timer = setTimeout(redraw, RESIZE_PAUSE_MS);
    });
    observer.observe(this.picture);
    for (const event of ["themechange", "serviceback"]) addEventListener(event, redraw, { signal: this.signal });
    this.signal.addEventListener("abort", () => {
      clearTimeout(timer);
      observer.disconnect();
    });
  }

  /**
   * The chart's address in a format, with the width, theme and language of the page.
   * @param {string} format
   */
  #address(format) {
    const [path, query = ""] = this.#path.split("?");
    const parameters = new URLSearchParams(query);
    parameters.set("theme", document.documentElement.dataset.theme ?? "light");
    parameters.set("language", currentLanguage());
    parameters.set("width", String(Math.min(2000, Math.max(200, Math.floor(this.picture.clientWidth)))));
    parameters.set("height", String(this.height));
    if (!this.scale.hidden && this.logarithmic.checked) parameters.set("scale_of_loss", "log");
    if (format === "png") parameters.set("scale", "2");
    return `${path}.${format}?${parameters}`;
  }

  /** @param {string} format */
  #saveButton(format) {
    const name = format.toUpperCase();
    const label = t("chart.save", { format: name, label: this.label });
    return button(name, () => this.#save(format), { class: "quiet", "aria-label": label });
  }

  /**
   * Downloads the chart. A plain link cannot be used, because it sends no API key.
   * @param {string} format
   */
  async #save(format) {
    if (!this.#path) return;
    const blob = await (await request(this.#address(format))).blob();
    const url = URL.createObjectURL(blob);
    h("a", { href: url, download: `${this.picture.id}.${format}` }).click();
    setTimeout(() => URL.revokeObjectURL(url), DOWNLOAD_START_MS);
  }
}
