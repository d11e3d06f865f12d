// @ts-check
// The form that forks a job: a new job that continues from its last weights, with a change.

import { send } from "../net/api.js";
import { withoutMarks } from "../net/runs.js";
import { errorLine, fill, h } from "../ui/dom.js";
import { numberField, textField } from "../ui/fields.js";
import { submitForm } from "../ui/form_errors.js";
import { nameOf } from "../ui/jobs.js";
import { t } from "../ui/words.js";

/** @import { Job } from "../net/types.d.ts" */

/**
 * @typedef {object} ForkBody The body of `POST /v1/jobs/{id}/fork`.
 * @property {string | null} [name]
 * @property {number} epochs
 * @property {{ learning_rate?: number }} optimizer
 * @property {Record<string, string>} [metadata]
 */

/** @param {Job} job */
export function forkForm(job) {
  /** @type {ForkBody} */
  const body = { epochs: job.epochs, optimizer: {}, ...withoutMarks(job) };
  const error = errorLine();
  const form = h("form", { class: "panel fork", noValidate: true });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submitForm(form, error, async () => {
      const fork = await send("POST", `v1/jobs/${job.id}/fork`, body);
      location.hash = `#/watch/${fork.id}`;
    });
  });
  return fill(
    form,
    h("h2", {}, t("compare.fork.title", { name: nameOf(job) })),
    h("div", { class: "fields" }, forkFields(job, body)),
    error,
    h("div", { class: "buttons" }, h("button", { class: "main" }, t("train.start"))),
  );
}

/**
 * @param {Job} job
 * @param {ForkBody} body Is changed in place.
 */
const forkFields = (job, body) => [
  textField({
    label: t("run.name"),
    value: null,
    pointer: "/name",
    onChange: (name) => {
      body.name = name;
    },
  }),
  numberField({
    label: t("parameter.learning_rate"),
    value: job.optimizer.learning_rate,
    pointer: "/optimizer/learning_rate",
    onChange: (rate) => {
      body.optimizer.learning_rate = rate;
    },
  }),
  numberField({
    label: t("run.epochs"),
    value: job.epochs,
    pointer: "/epochs",
    onChange: (epochs) => {
      body.epochs = epochs;
    },
    isWhole: true,
  }),
];
