// Runs beside each other: their curves overlaid, and a table of what differs in them and what came of it.

import { get, Problem, send } from "./api.js";
import { leaves } from "./config.js";
import { button, fill, h, labelled, select, unique } from "./dom.js";
import { numberField, showErrors, textField } from "./fields.js";
import { badge, ENDED, lineOf, nameOf, newest, nothingYet } from "./jobs.js";
import { Plot } from "./plot.js";
import { Series } from "./series.js";
import { number, percent, t } from "./words.js";

const PAINTS = ["curve", "second", "third", "fourth", "fifth", "sixth"];
const LOOK_EVERY_MS = 2000;
const POINTS = 5000;
const FIGURES = ["loss", "test_accuracy", "train_accuracy", "test_loss", "train_loss"];
const CAME_OUT = ["test_accuracy", "test_loss", "train_accuracy", "train_loss"];
const COMPARED = ["dataset", "network", "optimizer", "epochs", "batch_size", "shuffle", "validation_split", "schedule", "early_stopping", "seed"];

/** Shows runs; *chosen* are their ids, with commas between. */
export async function compare(root, chosen, signal) {
  const jobs = await newest(signal, 100);
  if (!jobs.length) return void fill(root, h("h1", {}, t("compare.title")), nothingYet());
  const named = chosen.split(",").filter(Boolean);
  for (const id of named) if (!jobs.some((job) => job.id === id)) jobs.push(await get(`v1/jobs/${id}`, { signal }));
  const view = new Comparing(jobs, named.length ? named : jobs.slice(0, 3).map(({ id }) => id), signal);
  fill(root, view.parts());
  await view.read();
  const renewing = setInterval(() => document.hidden || view.renew(), LOOK_EVERY_MS);
  signal.addEventListener("abort", () => clearInterval(renewing));
}

class Comparing {
  constructor(jobs, ids, signal) {
    Object.assign(this, { jobs, ids: new Set(ids), signal, figure: "loss", sorted: null, falling: false, points: new Map() });
    this.canvas = h("canvas", { class: "plot", role: "img", tabIndex: 0, id: "overlay", "aria-label": t("compare.chart") });
    this.plot = new Plot(this.canvas, () => this.picture(), signal);
    this.legend = h("p", { class: "legend" });
    this.table = h("table", { id: "differences" });
    this.forking = h("div");
  }

  get chosen() { return this.jobs.filter(({ id }) => this.ids.has(id)); }
  paint(job) { return PAINTS[this.chosen.indexOf(job) % PAINTS.length]; }

  parts() {
    const boxes = this.jobs.map((job) => {
      const box = h("input", { type: "checkbox", id: unique("run"), value: job.id, checked: this.ids.has(job.id), onchange: () => this.choose(job.id, box.checked) });
      return h("li", {}, box, h("label", { htmlFor: box.id }, lineOf(job)));
    });
    return [
      h("h1", {}, t("compare.title")), h("p", { class: "lead" }, t("compare.lead")),
      h("div", { class: "compare" },
        h("fieldset", { class: "runs" }, h("legend", {}, t("compare.runs")), h("ul", {}, boxes)),
        h("section", { class: "panel" },
          h("div", { class: "panel-head" },
            labelled(t("compare.figure"), select(FIGURES.map((name) => [name, t(`compare.${name}`)]), this.figure, (figure) => { this.figure = figure; this.read(); }, { id: "figure" }))),
          this.legend, this.canvas)),
      h("section", { class: "panel" }, h("h2", {}, t("compare.table")),
        h("div", { class: "scroll tall", tabIndex: 0, role: "region", "aria-label": t("compare.table") }, this.table)),
      this.forking,
    ];
  }

  choose(id, on) {
    if (on) this.ids.add(id);
    else this.ids.delete(id);
    history.replaceState(null, "", `#/compare/${[...this.ids].join(",")}`);
    this.read();
  }

  async read() {
    const { figure } = this;
    const query = figure === "loss" ? `max_points=${POINTS}` : "granularity=epoch";
    await Promise.all(this.chosen.filter(({ id }) => !this.points.has(`${id} ${query}`)).map(async ({ id }) => {
      this.points.set(`${id} ${query}`, (await get(`v1/jobs/${id}/history?${query}`, { signal: this.signal })).data);
    }));
    this.query = query;
    fill(this.legend, this.chosen.map((job) => h("span", { class: `key ${this.paint(job)}` }, nameOf(job))));
    this.plot.refresh();
    this.tabulate();
  }

  /** Reads again what still trains. */
  async renew() {
    const open = this.chosen.filter(({ status }) => !ENDED.includes(status));
    if (!open.length) return;
    try {
      for (const { id } of open) {
        const job = await get(`v1/jobs/${id}`, { signal: this.signal });
        this.jobs[this.jobs.findIndex((one) => one.id === id)] = job;
        for (const key of [...this.points.keys()]) if (key.startsWith(id)) this.points.delete(key);
      }
      await this.read();
    } catch { /* the service is away; the next time it may be back */ }
  }

  picture() {
    const { figure, query } = this;
    const curves = this.chosen.map((job) => ({ job, points: this.points.get(`${job.id} ${query}`) ?? [] }));
    const place = figure === "loss" ? "step" : "epoch";
    const share = figure.endsWith("accuracy");
    return {
      x: { low: 1, high: Math.max(2, ...curves.map(({ points }) => points.at(-1)?.[place] ?? 0)) },
      log: !share, ceiling: share ? 1 : null, empty: t("watch.waiting"),
      format: share ? (value, digits) => percent(value, digits > 3 ? 1 : 0) : number,
      series: [...curves.map((curve) => this.line(curve, figure, place)), ...(place === "step" ? curves.map((curve) => this.smoothed(curve)) : [])],
    };
  }

  line({ job, points }, figure, place) {
    const steps = place === "step";
    return {
      values: points.map((point) => point[figure] ?? NaN), at: (i) => points[i][place], paint: this.paint(job),
      thickness: steps ? 1 : 2, opacity: steps ? 0.25 : 1, dots: !steps && points.length < 60,
    };
  }

  smoothed({ job, points }) {
    const series = new Series();
    series.push(points.map(({ loss }) => loss));
    return { values: series.smooth, at: (i) => points[i].step, paint: this.paint(job), thickness: 2.2 };
  }

  /** The paths of the configuration in which the chosen runs differ. */
  differing() {
    const all = this.chosen.map((job) => leaves(Object.fromEntries(COMPARED.map((name) => [name, job[name]]))));
    const paths = [...new Set(all.flatMap(Object.keys))];
    return paths.filter((path) => new Set(all.map((config) => JSON.stringify(config[path]))).size > 1).map((path) => ({ path, values: all.map((config) => config[path]) }));
  }

  tabulate() {
    const jobs = this.chosen;
    const columns = [
      ...this.differing().map(({ path, values }) => ({ label: labelOf(path), values, shown: said })),
      ...CAME_OUT.map((name) => ({ label: t(`figure.${name}`), values: jobs.map((job) => job.result?.[name] ?? null), shown: name.endsWith("accuracy") ? (share) => percent(share, 2) : number })),
    ];
    const order = jobs.map((_, i) => i);
    const by = columns.find(({ label }) => label === this.sorted);
    if (by) order.sort((a, b) => ranked(by.values[a], by.values[b]) * (this.falling ? -1 : 1));
    const heads = columns.map(({ label }) => h("th", { scope: "col", "aria-sort": label === this.sorted ? (this.falling ? "descending" : "ascending") : "none" },
      button([label, " ", label === this.sorted ? (this.falling ? "↓" : "↑") : ""].join(""), () => this.sort(label), { class: "quiet" })));
    const rows = order.map((i) => h("tr", {},
      h("th", { scope: "row" }, h("span", { class: `key ${this.paint(jobs[i])}` }, h("a", { href: `#/watch/${jobs[i].id}` }, nameOf(jobs[i]))), " ", badge(jobs[i].status)),
      columns.map(({ values, shown }) => h("td", {}, shown(values[i]))),
      h("td", {}, button(t("compare.fork"), () => this.fork(jobs[i]), { class: "quiet" }))));
    fill(this.table, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("compare.run")), heads, h("td", {}))), h("tbody", {}, rows));
  }

  sort(label) {
    this.falling = this.sorted === label && !this.falling;
    this.sorted = label;
    this.tabulate();
    [...this.table.querySelectorAll("th button")].find((one) => one.textContent.startsWith(label))?.focus();
  }

  /** A form for a run that goes on from this one's last weights, with a change. */
  fork(job) {
    const body = { epochs: job.epochs, optimizer: {} };
    const trouble = h("p", { class: "trouble", role: "alert" });
    const form = h("form", {
      class: "panel fork", noValidate: true,
      onsubmit: async (event) => {
        event.preventDefault();
        try {
          location.hash = `#/watch/${(await send("POST", `v1/jobs/${job.id}/fork`, body)).id}`;
        } catch (error) {
          const homeless = error instanceof Problem && error.errors.length ? showErrors(form, error.errors) : [error];
          fill(trouble, homeless.map(({ message }) => message).join(" "));
        }
      },
    },
    h("h2", {}, t("compare.fork.title", { name: nameOf(job) })),
    h("div", { class: "fields" },
      textField(t("run.name"), null, "/name", (name) => { body.name = name; }),
      numberField(t("parameter.learning_rate"), job.optimizer.learning_rate, "/optimizer/learning_rate", (rate) => { body.optimizer.learning_rate = rate; }),
      numberField(t("run.epochs"), job.epochs, "/epochs", (epochs) => { body.epochs = epochs; })),
    trouble, h("div", { class: "buttons" }, h("button", { class: "main" }, t("train.start"))));
    fill(this.forking, form);
    form.scrollIntoView({ block: "nearest" });
    form.querySelector("input").focus();
  }
}

const labelOf = (path) => path.replace("network.layers.", "").replaceAll("_", " ").replace(".", " · ");
const said = (value) => String(value ?? "–");
const ranked = (one, other) => ((one ?? Infinity) > (other ?? Infinity) ? 1 : (one ?? Infinity) < (other ?? Infinity) ? -1 : 0);
