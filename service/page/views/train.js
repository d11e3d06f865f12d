// @ts-check
// The form that creates a job, built from what the API offers at /v1/options.

import { get, send, storedKey } from "../net/api.js";
import { curlCommand, withDefaults } from "../net/configuration.js";
import { presetConfiguration } from "../net/configuration_address.js";
import { Draft } from "../net/draft.js";
import { REPEATED_SEEDS, repeatJob } from "../net/repeats.js";
import { NAME_LENGTH } from "../net/runs.js";
import { button, fill, h } from "../ui/dom.js";
import { choiceField, numberField, switchField, textField } from "../ui/fields.js";
import { quietForm, submitForm } from "../ui/form_errors.js";
import { ignoredNotice } from "../ui/ignored.js";
import { StartBar } from "../ui/start_bar.js";
import { t } from "../ui/words.js";
import { curlSection } from "./train_curl.js";
import { ExperimentPart } from "./train_experiment.js";
import { moreFields } from "./train_more.js";
import { networkFields } from "./train_network.js";
import { optimizerFields } from "./train_optimizer.js";

/** @import { Choice, Configuration, Job, Options } from "../net/types.d.ts" */

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
  const draft = new Draft(options, signal);
  if (jobId) {
    draft.config = configurationOf(await get(`v1/jobs/${jobId}`, { signal }), options);
    draft.moveTo("train");
  }
  const form = new TrainForm(draft, signal);
  form.redraw();
  fill(
    root,
    h("h1", {}, t("train.title")),
    h("p", { class: "lead" }, t("train.lead")),
    ignoredNotice(draft),
    form.element,
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
  const { note, starred, ...metadata } = job.metadata; // they are about that run
  return /** @type {any} */ ({ ...fields, metadata, seed, preset: job.preset || "notebook" });
}

export class TrainForm {
  /**
   * @param {Draft} draft
   * @param {AbortSignal} signal
   */
  constructor(draft, signal) {
    this.draft = draft;
    this.options = draft.options;
    this.presets = Object.keys(draft.options.presets);
    this.curl = h("code", { id: "curl" });
    this.curlSection = curlSection(this.curl);
    this.buttons = {
      start: button(t("train.start"), () => this.submit(), { class: "main", id: "start" }),
      repeat: button(t("train.repeat", { seeds: REPEATED_SEEDS }), () => this.repeat(), { id: "repeat" }),
    };
    this.experiment = new ExperimentPart(this);
    this.bar = new StartBar([this.buttons.start, this.experiment.buttons.start], signal);
    this.element = quietForm("train");
  }

  get config() {
    return this.draft.config;
  }

  /** Builds all fields from the configuration again; the focused field keeps the focus. */
  redraw() {
    this.bar.error.textContent = "";
    const active = document.activeElement;
    const pointer = active instanceof HTMLElement ? active.dataset.pointer : undefined;
    fill(
      this.element,
      this.presetCards(),
      networkFields(this),
      fieldset(t("train.optimizer"), optimizerFields(this)),
      this.jobFields(),
      moreFields(this),
      h("p", { class: "hint" }, t("train.lists")),
      this.experiment.element,
      h("div", { class: "buttons" }, this.buttons.repeat, this.experiment.buttons.add),
      this.curlSection,
      this.bar.element,
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
    const body = isActive ? this.experiment.body : this.draft.body;
    const path = isActive ? "v1/experiments" : "v1/jobs";
    this.curl.textContent = curlCommand(body, { withKey: Boolean(storedKey()), path });
    this.bar.show(this.draft, { isExperiment: isActive });
    this.draft.keep();
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
      this.draft.config = { ...presetConfiguration(this.options, preset), name: this.config.name };
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
      textField({ ...this.field("name"), value: config.name, maxLength: NAME_LENGTH }),
      options.datasets.length > 1 &&
        choiceField({ ...this.field("dataset"), value: config.dataset, options: options.datasets }),
      switchField(this.field("shuffle")),
    );
  }

  /**
   * Label, value, pointer and listener for a field at the top of the configuration.
   * @param {keyof Configuration} name
   */
  field(name) {
    const onChange = this.setter(this.config, name);
    return { label: t(`run.${name}`), value: this.config[name], pointer: `/${name}`, onChange };
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
    this.draft.flush();
    const buttons = [this.buttons, this.experiment.buttons].flatMap((each) => Object.values(each));
    for (const each of buttons) each.disabled = true;
    await submitForm(this.element, this.bar.error, () => action(this.draft.body));
    for (const each of buttons) each.disabled = false;
  }
}

/**
 * @param {string} title
 * @param {...import("../ui/dom.js").Child} fields
 */
const fieldset = (title, ...fields) => h("fieldset", {}, h("legend", {}, title), h("div", { class: "fields" }, fields));
