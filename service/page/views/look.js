// Inside a network: what its units look for, how its weights spread, which digits it mistakes, and which are hard.

import { get } from "../net/api.js";
import { Chart } from "../plots/chart.js";
import { button, fill, h, labelled, select } from "../ui/dom.js";
import { lineOf, newest, nothingYet } from "../ui/jobs.js";
import { extent } from "../plots/series.js";
import { refusal } from "../ui/trouble.js";
import { intoUnit, weightsOf } from "../net/weights.js";
import { number, percent, t } from "../ui/words.js";

const SIDE = 28;
const UNITS_AT_ONCE = 60;

/** Shows a job's network, that of the newest which has begun where none is named. */
export async function look(root, id, signal) {
  const jobs = (await newest(signal)).filter((job) => job.id === id || job.status !== "queued");
  if (!jobs.length) return void fill(root, h("h1", {}, t("look.title")), nothingYet());
  const job = jobs.find((one) => one.id === id) ?? (id ? await get(`v1/jobs/${id}`, { signal }) : jobs[0]);
  if (!jobs.includes(job)) jobs.push(job);
  const checkpoints = (await get(`v1/jobs/${job.id}/checkpoints?limit=100`, { signal })).data.reverse();
  const view = new Looking(job, jobs, checkpoints, signal);
  fill(root, view.parts());
  if (checkpoints.length) await view.show(checkpoints.length - 1);
}

class Looking {
  constructor(job, jobs, checkpoints, signal) {
    Object.assign(this, { job, jobs, checkpoints, signal, kept: new Map(), unit: 0, first: 0, turn: 0 });
    this.when = h("output", { class: "hint" });
    this.units = h("div", { class: "units", role: "group", "aria-label": t("look.units") });
    this.before = button("‹", () => this.turnPage(-1), { id: "units-before", "aria-label": t("look.units.before") });
    this.after = button("›", () => this.turnPage(1), { id: "units-after", "aria-label": t("look.units.after") });
    this.range = h("output", { class: "hint", id: "units-range" });
    this.large = h("canvas", { class: "large", role: "img", width: SIDE, height: SIDE });
    this.caption = h("figcaption");
    this.spread = new Chart({ id: "histograms", label: t("look.spread"), height: 260, signal });
    this.drift = new Chart({ id: "drift", label: t("look.drift"), height: 280, signal });
    this.mistakes = new Chart({ id: "mistakes", label: t("look.confusion"), height: 460, signal });
    this.confusion = h("div", { class: "unseen" });
    this.hardest = h("ul", { class: "hardest" });
  }

  parts() {
    const slider = h("input", { type: "range", min: 0, max: this.checkpoints.length - 1, value: this.checkpoints.length - 1, id: "epoch", oninput: () => this.show(Number(slider.value)).catch((error) => this.lack(error)) });
    return [
      h("div", { class: "head" }, h("h1", {}, t("look.title")),
        labelled(t("watch.which"), select(this.jobs.map((job) => [job.id, lineOf(job)]), this.job.id, (id) => { location.hash = `#/look/${id}`; }), { class: "field which" })),
      h("p", { class: "lead" }, t("look.lead")),
      !this.checkpoints.length && h("p", { class: "trouble" }, t("look.none")),
      this.checkpoints.length > 0 && [
        h("section", { class: "panel when" }, labelled(t("look.when"), slider), this.when),
        h("section", { class: "panel" }, h("h2", {}, t("look.units")), h("p", { class: "hint" }, t("look.units.hint")),
          h("div", { class: "buttons" }, this.before, this.range, this.after),
          h("div", { class: "inside" }, this.units, h("figure", {}, h("div", { class: "pixels" }, this.large), this.caption))),
        h("section", { class: "panel" }, h("h2", {}, t("look.spread")), this.spread.element),
        h("section", { class: "panel" }, h("h2", {}, t("look.drift")), h("p", { class: "hint" }, t("look.drift.hint")), this.drift.element),
        h("div", { class: "two" },
          h("section", { class: "panel" }, h("h2", {}, t("look.confusion")), h("p", { class: "hint" }, t("look.confusion.hint")), this.mistakes.element, this.confusion),
          h("section", { class: "panel" }, h("h2", {}, t("look.hardest")), h("p", { class: "hint" }, t("look.hardest.hint")), this.hardest)),
      ],
    ];
  }

  /** Shows the checkpoint of that place; of two asked for, the later wins. */
  async show(place) {
    const turn = ++this.turn;
    const checkpoint = this.checkpoints[place];
    this.when.textContent = t("look.moment", { epoch: checkpoint.epoch ?? 0, step: checkpoint.step ?? 0 });
    const layers = await this.weights(checkpoint.id);
    if (turn !== this.turn) return;
    this.layers = layers;
    this.drawUnits();
    this.drift.show(`v1/jobs/${this.job.id}/histograms`).catch(() => {});
    await Promise.all([
      this.spread.show(`v1/checkpoints/${checkpoint.id}/histograms`),
      this.mistakes.show(`v1/checkpoints/${checkpoint.id}/confusion`),
      get(`v1/checkpoints/${checkpoint.id}/evaluation`, { signal: this.signal }).then((evaluation) => {
        if (turn !== this.turn) return;
        fill(this.confusion, confusionTable(evaluation));
        fill(this.hardest, evaluation.hardest.map(hardOne));
      }),
    ]);
  }

  /** The weights of a checkpoint, read once; what could not be read is asked for again. */
  async weights(id) {
    if (!this.kept.has(id)) this.kept.set(id, weightsOf(id));
    return this.kept.get(id).catch((error) => { this.kept.delete(id); throw error; });
  }

  /** Says that a checkpoint cannot be shown, such as one that was thinned out meanwhile. */
  lack(error) {
    if (!this.signal.aborted) this.when.textContent = refusal(error);
  }

  turnPage(by) {
    this.first += by * UNITS_AT_ONCE;
    this.unit = this.first;
    this.drawUnits();
    if (this.after.disabled) this.before.focus(); // a button that can do no more loses the focus
    if (this.before.disabled) this.after.focus();
  }

  drawUnits() {
    const [layer] = this.layers;
    const end = Math.min(layer.units, this.first + UNITS_AT_ONCE);
    if (this.units.childElementCount !== end - this.first) { // else what has the focus keeps it
      fill(this.units, Array.from({ length: end - this.first }, (_, place) => button(h("canvas", { width: SIDE, height: SIDE }), () => {
        this.unit = this.first + place;
        this.drawUnits();
      })));
    }
    [...this.units.children].forEach((one, place) => {
      const unit = this.first + place;
      one.setAttribute("aria-pressed", unit === this.unit);
      one.setAttribute("aria-label", t("look.unit", { unit: unit + 1 }));
      paintWeights(one.firstChild, intoUnit(layer, unit));
    });
    this.before.disabled = this.first === 0;
    this.after.disabled = end === layer.units;
    this.range.textContent = t("look.units.range", { first: this.first + 1, last: end, units: layer.units });
    paintWeights(this.large, intoUnit(layer, this.unit));
    this.large.setAttribute("aria-label", t("look.unit", { unit: this.unit + 1 }));
    this.caption.textContent = t("look.unit.of", { unit: this.unit + 1, units: layer.units, bias: number(layer.b[this.unit], 3) });
  }
}

/** Orange for weights above zero, blue for those below: ink there speaks for the unit, or against it. */
function paintWeights(canvas, weights) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(SIDE, SIDE);
  const [low, high] = extent(weights);
  const most = Math.max(Math.abs(low), Math.abs(high)) || 1;
  weights.forEach((weight, i) => image.data.set([...(weight > 0 ? [251, 146, 60] : [96, 165, 250]), 255 * Math.abs(weight) / most], i * 4));
  context.putImageData(image, 0, 0);
}

/** The same numbers for whoever cannot see the chart. */
function confusionTable({ confusion, accuracy, samples }) {
  const digits = confusion.map((_, digit) => h("th", { scope: "col" }, String(digit)));
  const rows = confusion.map((row, label) => h("tr", {}, h("th", { scope: "row" }, String(label)), row.map((count) => h("td", {}, number(count)))));
  return h("table", { class: "confusion" }, h("caption", {}, t("look.accuracy", { share: percent(accuracy, 2), samples })),
    h("thead", {}, h("tr", {}, h("td", {}), digits)), h("tbody", {}, rows));
}

function hardOne({ label, prediction, label_probability: share, png, index }) {
  const said = t("look.hard", { label, prediction, index });
  return h("li", {}, h("img", { src: png, alt: said, width: SIDE, height: SIDE }), h("span", {}, h("b", {}, String(label)), ` → ${prediction}`), h("small", {}, percent(share, 1)));
}
