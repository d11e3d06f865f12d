// Charts as the service declares them: asked for as Vega-Lite, drawn here by vega-embed, which comes when one is wanted.

import { getAnswer } from "../net/api.js";
import { button, fill, h } from "../ui/dom.js";
import { spoken, t } from "../ui/words.js";

const SETTLE_MS = 200;

/** No code is made of text, and no style written into the document: the page's policy forbids both. */
const OPTIONS = { ast: true, actions: false, mode: "vega-lite", renderer: "canvas", defaultStyle: false, tooltip: { disableDefaultStyle: true } };

let script;
const loaded = () => import("../vega.js").then(() => window.vegaEmbed).catch((error) => { script = undefined; throw error; });
const embed = async (...parts) => (await (script ??= loaded()))(...parts);

export class Chart {
  #path = null;
  #shown = "";
  #turn = 0;
  #view = null;

  /** *label* is what a screen reader says of it; *height* is in pixels. */
  constructor({ id, label, height, signal }) {
    Object.assign(this, { height, signal });
    this.picture = h("div", { class: "chart", id, role: "img", tabIndex: 0, "aria-label": label });
    this.element = h("figure", {}, this.picture,
      h("figcaption", { class: "buttons saves" }, ["svg", "png"].map((form) => button(form.toUpperCase(), () => this.save(form), { class: "quiet", "aria-label": t("chart.save", { form: form.toUpperCase(), label }) }))));
    const again = () => this.#path && this.show(this.#path).catch(() => {});
    let settling;
    const watching = new ResizeObserver(() => { clearTimeout(settling); settling = setTimeout(again, SETTLE_MS); });
    watching.observe(this.picture);
    addEventListener("themechange", again, { signal });
    signal.addEventListener("abort", () => { clearTimeout(settling); watching.disconnect(); this.#view?.finalize(); });
  }

  /** Shows the chart at *path*, such as `v1/jobs/JOB/curve?figure=accuracy`; of two asked for, the later wins. */
  async show(path) {
    this.#path = path;
    const turn = ++this.#turn;
    const spec = await (await getAnswer(this.address(path, "json"), { signal: this.signal })).text();
    if (turn !== this.#turn || spec === this.#shown) return;
    const place = h("div");
    const { view } = await embed(place, JSON.parse(spec), OPTIONS);
    if (turn !== this.#turn || this.signal.aborted) return void view.finalize();
    this.#view?.finalize();
    [this.#view, this.#shown] = [view, spec];
    fill(this.picture, place).dataset.drawn = path;
  }

  /** Shows nothing. */
  clear() {
    [this.#path, this.#shown] = [null, ""];
    this.#turn++;
    fill(this.picture);
    delete this.picture.dataset.drawn;
  }

  address(path, form) {
    const [place, query] = path.split("?");
    const width = Math.min(2000, Math.max(200, Math.floor(this.picture.clientWidth)));
    const look = new URLSearchParams({ theme: document.documentElement.dataset.theme, language: spoken(), width, height: this.height });
    return `${place}.${form}?${query ? `${query}&` : ""}${look}${form === "png" ? "&scale=2" : ""}`;
  }

  /** Saves the picture; a link could not carry a key. */
  async save(form) {
    if (!this.#path) return;
    const blob = await (await getAnswer(this.address(this.#path, form))).blob();
    const link = h("a", { href: URL.createObjectURL(blob), download: `${this.picture.id || "chart"}.${form}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
}
