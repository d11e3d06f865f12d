// @ts-check
// The buttons and fields that act on a job: pause, resume, cancel, and new optimizer values while it trains.

import { send } from "../net/api.js";
import { button, errorLine, fill, h } from "./dom.js";
import { requestError } from "./errors.js";
import { numberField } from "./fields.js";
import { submitForm } from "./form_errors.js";
import { t } from "./words.js";

/** @import { Job, Status } from "../net/types.d.ts" */

/** @type {Partial<Record<Status, string[]>>} */
const ACTIONS = {
  queued: ["pause", "cancel"],
  running: ["pause", "cancel"],
  pausing: ["resume", "cancel"],
  paused: ["resume", "cancel"],
};

/** @type {Status[]} */
const CHANGEABLE = ["queued", "running", "paused"];
const CHANGEABLE_PARAMETERS = ["learning_rate", "momentum"];

/**
 * What a job's status allows; *onChange* receives the job after each action.
 * @param {Job} job
 * @param {(job: Job) => void} onChange
 */
export function jobControls(job, onChange) {
  const error = errorLine();
  const buttons = (ACTIONS[job.status] ?? []).map((action) => {
    const title = t(`control.${action}.hint`);
    const properties = { id: `control-${action}`, class: action === "cancel" ? "danger" : "", title };
    return button(t(`control.${action}`), () => act(job, action, { onChange, error }), properties);
  });
  const canChange = CHANGEABLE.includes(job.status);
  return [h("div", { class: "buttons" }, buttons), canChange && parameterForm(job, onChange), error];
}

/**
 * @param {Job} job
 * @param {string} action
 * @param {{ onChange: (job: Job) => void, error: HTMLElement }} options
 */
async function act(job, action, { onChange, error }) {
  error.textContent = "";
  try {
    onChange(await send("POST", `v1/jobs/${job.id}/${action}`));
  } catch (problem) {
    error.textContent = requestError(problem);
  }
}

/**
 * A form for the optimizer's parameters that can change while the job trains.
 * @param {Job} job
 * @param {(job: Job) => void} onChange
 */
function parameterForm(job, onChange) {
  /** @type {Record<string, unknown>} */
  const optimizer = {};
  const error = errorLine();
  const form = h("form", { class: "rates", noValidate: true });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submitForm(form, error, async () => onChange(await send("PATCH", `v1/jobs/${job.id}`, { optimizer })));
  });
  const names = CHANGEABLE_PARAMETERS.filter((name) => name in job.optimizer);
  const fields = names.map((name) =>
    numberField({
      label: t(`parameter.${name}`),
      value: job.optimizer[name],
      pointer: `/optimizer/${name}`,
      onChange: (value) => {
        optimizer[name] = value;
      },
    }),
  );
  return fill(form, fields, h("button", { id: "change-rate" }, t("control.change")), error);
}
