// Runs beside each other: their curves overlaid, and a table of what differs in them and what came of it.

import { get, send } from "../net/api.js";
import { Chart } from "../plots/chart.js";
import { button, fill, h, labelled, refill, select, unique } from "../ui/dom.js";
import { nameOfField, numberField, submitted, textField } from "../ui/fields.js";
import { badge, ENDED, lineOf, nameOf, newest, nothingYet } from "../ui/jobs.js";
import { refusal } from "../ui/trouble.js";
import { number, percent, t } from "../ui/words.js";

const PAINTS = ["curve", "second", "third", "fourth", "fifth", "sixth"];
const DASHES = ["", "dashed", "dotted", "mixed"]; // each time that the paints are used up
const LOOK_EVERY_MS = 2000;
const HEIGHT = 400;
const FIGURES = ["loss", "test_accuracy", "train_accuracy", "test_loss", "train_loss"];
const CAME_OUT = ["test_accuracy", "test_loss", "train_accuracy", "train_loss"];

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
    Object.assign(this, { jobs, ids: new Set(ids), signal, figure: "loss", sorted: null, falling: false, turn: 0, comparison: { jobs: [], differences: [] } });
    this.chart = new Chart({ id: "overlay", label: t("compare.chart"), height: HEIGHT, signal });
    this.trouble = h("p", { class: "trouble", role: "alert" });
    this.table = h("table", { id: "differences" });
    this.forking = h("div");
  }

  get chosen() { return this.jobs.filter(({ id }) => this.ids.has(id)); }

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
          this.trouble, this.chart.element)),
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

  /** Reads the chosen runs; of two asked for, the later wins. */
  async read() {
    const ids = this.chosen.map(({ id }) => id).join(",");
    const turn = ++this.turn;
    try {
      const comparison = ids ? await get(`v1/compare?jobs=${ids}`, { signal: this.signal }) : { jobs: [], differences: [] };
      if (turn !== this.turn) return;
      this.comparison = comparison;
      this.trouble.textContent = "";
      this.tabulate();
      if (ids) await this.chart.show(`v1/compare/curve?jobs=${ids}&figure=${this.figure}`);
      else this.chart.clear();
    } catch (error) {
      if (!this.signal.aborted && turn === this.turn) this.trouble.textContent = refusal(error);
    }
  }

  /** Reads again what still trains. */
  async renew() {
    if (this.comparison.jobs.some(({ status }) => !ENDED.includes(status))) await this.read();
  }

  tabulate() {
    const { jobs, differences } = this.comparison;
    const columns = [
      ...differences.map(({ pointer, values }) => ({ label: labelOf(pointer), values, shown: said })),
      ...CAME_OUT.map((name) => ({ label: t(`figure.${name}`), values: jobs.map((job) => job.figures[name]), shown: name.endsWith("accuracy") ? (share) => percent(share, 2) : number })),
      { label: t("figure.seconds"), values: jobs.map((job) => job.seconds), shown: (seconds) => number(seconds, 2) },
    ];
    const order = jobs.map((_, i) => i);
    const by = columns.find(({ label }) => label === this.sorted);
    if (by) order.sort((a, b) => ranked(by.values[a], by.values[b]) * (this.falling ? -1 : 1));
    const heads = columns.map(({ label }) => h("th", { scope: "col", "aria-sort": label === this.sorted ? (this.falling ? "descending" : "ascending") : "none" },
      button([label, " ", label === this.sorted ? (this.falling ? "↓" : "↑") : ""].join(""), () => this.sort(label), { class: "quiet" })));
    const rows = order.map((i) => h("tr", {},
      h("th", { scope: "row" }, h("span", { class: `key ${PAINTS[i % PAINTS.length]} ${DASHES[Math.floor(i / PAINTS.length)]}` }, h("a", { href: `#/watch/${jobs[i].id}` }, jobs[i].label)), " ", badge(jobs[i].status)),
      columns.map(({ values, shown }) => h("td", {}, shown(values[i]))),
      h("td", {}, button(t("compare.fork"), () => this.fork(this.jobs.find(({ id }) => id === jobs[i].id)), { class: "quiet" }))));
    refill(this.table, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("compare.run")), heads, h("td", {}))), h("tbody", {}, rows));
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
      onsubmit: (event) => {
        event.preventDefault();
        submitted(form, trouble, async () => {
          location.hash = `#/watch/${(await send("POST", `v1/jobs/${job.id}/fork`, body)).id}`;
        });
      },
    },
    h("h2", {}, t("compare.fork.title", { name: nameOf(job) })),
    h("div", { class: "fields" },
      textField(t("run.name"), null, "/name", (name) => { body.name = name; }),
      numberField(t("parameter.learning_rate"), job.optimizer.learning_rate, "/optimizer/learning_rate", (rate) => { body.optimizer.learning_rate = rate; }),
      numberField(t("run.epochs"), job.epochs, "/epochs", (epochs) => { body.epochs = epochs; }, { whole: true })),
    trouble, h("div", { class: "buttons" }, h("button", { class: "main" }, t("train.start"))));
    fill(this.forking, form);
    form.scrollIntoView({ block: "nearest" });
    form.querySelector("input").focus();
  }
}

const labelOf = (pointer) => pointer.replace("/network/layers/", "/").slice(1).split("/").map(nameOfField).join(" · ");
const said = (value) => String(value ?? "–");
const ranked = (one, other) => ((one ?? Infinity) > (other ?? Infinity) ? 1 : (one ?? Infinity) < (other ?? Infinity) ? -1 : 0);
