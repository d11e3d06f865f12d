// What one can do to a job: the buttons that its state allows, and the rates that can change while it trains.

import { send } from "../net/api.js";
import { button, fill, h } from "./dom.js";
import { numberField, submitted } from "./fields.js";
import { refusal } from "./trouble.js";
import { t } from "./words.js";

const ASKED = {
  queued: ["pause", "cancel"],
  running: ["pause", "cancel"],
  pausing: ["resume", "cancel"],
  paused: ["resume", "cancel"],
};
const RATES = ["learning_rate", "momentum"];

/** Buttons for *job*; `changed(job)` is called with what it has become. */
export function controls(job, changed) {
  const trouble = h("p", { class: "trouble", role: "alert" });
  const asked = (ASKED[job.status] ?? []).map((what) =>
    button(t(`control.${what}`), () => tried(trouble, async () => changed(await send("POST", `v1/jobs/${job.id}/${what}`))),
      { id: `control-${what}`, class: what === "cancel" ? "danger" : "" }));
  const changeable = job.status === "running" || job.status === "paused" || job.status === "queued";
  return [h("div", { class: "buttons" }, asked), changeable && rates(job, changed), trouble];
}

function rates(job, changed) {
  const there = RATES.filter((name) => name in job.optimizer);
  const wanted = {};
  const form = h("form", { class: "rates", noValidate: true });
  const fields = there.map((name) => numberField(t(`parameter.${name}`), job.optimizer[name], `/optimizer/${name}`, (value) => { wanted[name] = value; }));
  const trouble = h("p", { class: "trouble", role: "alert" });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submitted(form, trouble, async () => changed(await send("PATCH", `v1/jobs/${job.id}`, { optimizer: wanted })));
  });
  return fill(form, fields, h("button", { id: "change-rate" }, t("control.change")), trouble);
}

async function tried(trouble, act) {
  trouble.textContent = "";
  try {
    await act();
  } catch (error) {
    trouble.textContent = refusal(error);
  }
}
