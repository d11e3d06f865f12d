// @ts-check
// The form that creates a job, built from what the API offers at /v1/options.

import { get, send, storedKey } from "../net/api.js";
import { choiceNamed, curlCommand, defaults, requestBody, withDefaults } from "../net/configuration.js";
import { REPEATED_SEEDS, repeatJob } from "../net/repeats.js";
import { announce, button, errorLine, fill, h } from "../ui/dom.js";
import { choiceField, numberField, parameterFields, switchField, textField } from "../ui/fields.js";
import { submitForm } from "../ui/form_errors.js";
import { t } from "../ui/words.js";
import { ExperimentPart } from "./train_experiment.js";
import { networkFields } from "./train_network.js";
import { optimizerFields } from "./train_optimizer.js";

/** @import { Choice, Configuration, Job, Options } from "../net/types.d.ts" */

const FIRST_PRESET = "accurate";
const MONITORS = [
  "test_loss",
  "test_accuracy",
  "train_loss",
  "train_accuracy",
  "validation_loss",
  "validation_accuracy",
];

/**
 * Shows the form, filled with a preset or with the configuration of a job.
 * @param {HTMLElement} root
 * @param {string} jobId
 * @param {AbortSignal} signal
 */
export async function train(root, jobId, signal) {
  /** @type {Options} */
  const options = await get("v1/options", { signal });
  options.optimizers.sort((one, other) => one.teaching_order - other.teaching_order);
  const form = new TrainForm(options);
  if (jobId) form.config = configurationOf(await get(`v1/jobs/${jobId}`, { signal }), options);
  form.redraw();
  fill(
    root,
    h("h1", {}, t("train.title")),
    h("p", { class: "lead" }, t("train.lead")),
    form.element,
    form.curlSection(),
  );
}

/**
 * The configuration of a job, without its status, its results and a seed that the service drew.
 * @param {Job} job
 * @param {Options} options
 * @returns {Configuration}
 */
function configurationOf(job, { presets }) {
  const names = /** @type {(keyof Configuration)[]} */ (Object.keys(presets.notebook));
  const fields = Object.fromEntries(names.map((name) => [name, structuredClone(job[name])]));
  const seed = job.seed_drawn ? null : job.seed;
  return /** @type {any} */ ({ ...fields, seed, preset: job.preset || "notebook" });
}

export class TrainForm {
  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    this.presets = Object.keys(options.presets);
    this.config = this.startFrom(this.presets.includes(FIRST_PRESET) ? FIRST_PRESET : this.presets[0]);
    this.curl = h("code", { id: "curl" });
    this.error = errorLine({ id: "form-trouble" });
    this.buttons = {
      start: h("button", { class: "main", id: "start" }, t("train.start")),
      repeat: button(t("train.repeat", { seeds: REPEATED_SEEDS }), () => this.repeat(), { id: "repeat" }),
    };
    this.experiment = new ExperimentPart(this);
    const onsubmit = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.submit();
    };
    this.element = h("form", { class: "train", noValidate: true, onsubmit });
  }

  /**
   * @param {string} preset
   * @returns {Configuration}
   */
  startFrom(preset) {
    return { ...structuredClone(this.options.presets[preset]), preset };
  }

  /** Builds all fields from the configuration again; the focused field keeps the focus. */
  redraw() {
    this.error.textContent = "";
    const active = document.activeElement;
    const pointer = active instanceof HTMLElement ? active.dataset.pointer : undefined;
    fill(
      this.element,
      this.presetCards(),
      networkFields(this),
      fieldset(t("train.optimizer"), optimizerFields(this)),
      this.jobFields(),
      this.moreFields(),
      h("p", { class: "hint" }, t("train.lists")),
      this.experiment.element,
      h("div", { class: "submit" }, this.error, Object.values(this.buttons), this.experiment.buttons),
    );
    this.experiment.redraw();
    this.showCurl();
    if (pointer) this.focus(pointer);
  }

  /** @param {string} pointer */
  focus(pointer) {
    const field = this.element.querySelector(`[data-pointer="${CSS.escape(pointer)}"]`);
    if (field instanceof HTMLElement) field.focus();
  }

  showCurl() {
    this.experiment.refresh();
    const { isActive } = this.experiment;
    for (const each of Object.values(this.buttons)) each.hidden = isActive;
    const body = isActive ? this.experiment.body : requestBody(this.config, this.options.presets);
    const path = isActive ? "v1/experiments" : "v1/jobs";
    this.curl.textContent = curlCommand(body, { withKey: Boolean(storedKey()), path });
  }

  /**
   * Returns a listener that stores a field's new value in the configuration.
   * @param {any} object The part of the configuration that has the field.
   * @param {string} name
   */
  setter(object, name) {
    return (/** @type {unknown} */ value) => {
      object[name] = value;
      this.showCurl();
    };
  }

  /**
   * Returns a listener that stores a named choice with its defaults, and shows the fields of its parameters.
   * @param {any} object The part of the configuration that has the field.
   * @param {string} name
   * @param {Choice[]} choices
   */
  chooser(object, name, choices) {
    return (/** @type {string} */ chosen) => {
      object[name] = chosen ? withDefaults(choices, chosen) : null;
      this.redraw();
    };
  }

  presetCards() {
    const cards = this.presets.map((preset) => this.presetCard(preset));
    return h("fieldset", { class: "presets" }, h("legend", {}, t("train.preset")), h("div", { class: "cards" }, cards));
  }

  /** @param {string} preset */
  presetCard(preset) {
    const onchange = () => {
      this.config = { ...this.startFrom(preset), name: this.config.name };
      this.redraw();
    };
    const state = { value: preset, checked: preset === this.config.preset, "data-pointer": `/preset/${preset}` };
    const radio = h("input", { type: "radio", name: "preset", ...state, onchange });
    const [name, hint] = [t(`preset.${preset}`), t(`preset.${preset}.hint`)];
    return h("label", { class: "card" }, radio, h("strong", {}, name), h("span", {}, hint));
  }

  jobFields() {
    const { config, options } = this;
    const seedHint = { placeholder: t("run.seed.random") };
    return fieldset(
      t("train.run"),
      numberField({ ...this.field("epochs"), isWhole: true, allowsList: true }),
      numberField({ ...this.field("batch_size"), isWhole: true, allowsList: true }),
      numberField({ ...this.field("seed"), isWhole: true, ...seedHint }),
      textField({ ...this.field("name"), value: config.name, maxLength: 200 }),
      options.datasets.length > 1 &&
        choiceField({ ...this.field("dataset"), value: config.dataset, options: options.datasets }),
      switchField(this.field("shuffle")),
    );
  }

  moreFields() {
    const { augment, schedule, early_stopping: early, validation_split: split } = this.config;
    return h(
      "details",
      { open: Boolean(augment || schedule || early || split) },
      h("summary", {}, t("train.more")),
      h(
        "div",
        { class: "fields" },
        this.augmentFields(),
        numberField({ ...this.field("validation_split"), emptyValue: 0 }),
        this.scheduleFields(),
        this.earlyStoppingFields(),
      ),
    );
  }

  augmentFields() {
    const { augment: parameters } = this.options;
    const { augment } = this.config;
    const onChange = (/** @type {boolean} */ isOn) => {
      this.config.augment = isOn ? defaults(parameters) : null;
      this.redraw();
    };
    return [
      switchField({ ...this.field("augment"), onChange }),
      augment && parameterFields({ parameters }, augment, "/augment", () => this.showCurl()),
    ];
  }

  scheduleFields() {
    const { schedules } = this.options;
    const { schedule } = this.config;
    const onChange = this.chooser(this.config, "schedule", schedules);
    /** @type {(string | [string, string])[]} */
    const options = [["", t("none")], ...schedules.map(({ name }) => name)];
    return [
      choiceField({ ...this.field("schedule"), value: schedule?.name ?? "", options, onChange }),
      schedule && parameterFields(choiceNamed(schedules, schedule.name), schedule, "/schedule", () => this.showCurl()),
    ];
  }

  earlyStoppingFields() {
    const early = this.config.early_stopping;
    const onChange = (/** @type {boolean} */ isOn) => {
      this.config.early_stopping = isOn ? { monitor: "test_loss", patience: 3 } : null;
      this.redraw();
    };
    return [switchField({ ...this.field("early_stopping"), onChange }), early && this.earlyStoppingDetails(early)];
  }

  /** @param {{ monitor: string, patience: number }} early */
  earlyStoppingDetails(early) {
    return [
      choiceField({
        label: t("early_stopping.monitor"),
        options: MONITORS.map((name) => [name, t(`metric.${name}`)]),
        value: early.monitor,
        pointer: "/early_stopping/monitor",
        onChange: this.setter(early, "monitor"),
      }),
      numberField({
        label: t("early_stopping.patience"),
        value: early.patience,
        pointer: "/early_stopping/patience",
        onChange: this.setter(early, "patience"),
        isWhole: true,
      }),
    ];
  }

  /**
   * Label, value, pointer and listener for a field at the top of the configuration.
   * @param {keyof Configuration} name
   */
  field(name) {
    const onChange = this.setter(this.config, name);
    return { label: t(`run.${name}`), value: this.config[name], pointer: `/${name}`, onChange };
  }

  curlSection() {
    const title = h("h2", { id: "curl-title" }, t("train.curl"));
    const command = h("pre", { tabIndex: 0, role: "region", "aria-labelledby": "curl-title" }, this.curl);
    const onclick = async () => {
      await copy(this.curl);
      announce(t("copied"));
    };
    return h("section", { class: "curl", "aria-labelledby": "curl-title" }, title, command, button(t("copy"), onclick));
  }

  /** Trains the network once, or starts the experiment that the form describes. */
  submit() {
    return this.send(async (body) => {
      if (this.experiment.isActive) return this.experiment.start();
      const job = await send("POST", "v1/jobs", body);
      location.hash = `#/watch/${job.id}`;
    });
  }

  /** Trains the network several times, with another seed each. */
  repeat() {
    return this.send(async (body) => {
      const jobs = await repeatJob(body);
      location.hash = `#/compare/${jobs.map(({ id }) => id).join(",")}`;
    });
  }

  /**
   * Sends the configuration; meanwhile the buttons are disabled.
   * @param {(body: Record<string, any>) => Promise<void>} action
   */
  async send(action) {
    const buttons = [...Object.values(this.buttons), ...this.experiment.buttons];
    for (const each of buttons) each.disabled = true;
    await submitForm(this.element, this.error, () => action(requestBody(this.config, this.options.presets)));
    for (const each of buttons) each.disabled = false;
  }
}

/**
 * @param {string} title
 * @param {...import("../ui/dom.js").Child} fields
 */
const fieldset = (title, ...fields) => h("fieldset", {}, h("legend", {}, title), h("div", { class: "fields" }, fields));

/**
 * Copies the text of an element. Where the browser refuses access to the clipboard, the text is selected instead.
 * @param {HTMLElement} element
 */
async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent ?? "");
  } catch {
    getSelection()?.selectAllChildren(element);
  }
}
