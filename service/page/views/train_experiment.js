// @ts-check
// The part of the form that makes an experiment of it: a second arm by changing one field, or a sweep by writing lists.

import { send } from "../net/api.js";
import { choiceNamed, withDefaults } from "../net/configuration.js";
import { armsBody, changedAt, formPointer, sweepBody, sweepOf, valueAt } from "../net/experiments.js";
import { Newest } from "../net/timing.js";
import { button, fill, h, labelled, select } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { choiceField, fieldName, numberField, switchField } from "../ui/fields.js";
import { duration, percentagePoints } from "../ui/format.js";
import { t } from "../ui/words.js";

/**
 * @import { Choice, Named } from "../net/types.d.ts"
 * @import { ExperimentPlan } from "../net/experiment_types.d.ts"
 * @import { TrainForm } from "./train.js"
 *
 * @typedef {object} Field A field that a visitor can change in the second arm.
 * @property {string} pointer
 * @property {string} label
 * @property {Choice[]} [choices] Named choices with parameters.
 * @property {string[]} [names] Plain names.
 */

const PLAN_PAUSE_MS = 500;

export class ExperimentPart {
  #plans = new Newest();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {TrainForm} form */
  constructor(form) {
    this.form = form;
    this.fields = h("div", { class: "fields" });
    this.plan = h("p", { class: "hint", id: "plan", role: "status" });
    this.buttons = {
      start: button(t("train.experiment.start"), () => form.submit(), { class: "main", id: "start-experiment" }),
      add: button(t("train.experiment.compare"), () => this.#addChange(), { id: "compare-change" }),
    };
    this.element = h("fieldset", {}, h("legend", {}, t("train.experiment")), this.fields, this.plan);
  }

  /** The pointer of the field that differs in the second arm; empty without one. */
  get pointer() {
    return this.form.draft.change?.pointer ?? "";
  }

  /** Its value there. */
  get value() {
    return this.form.draft.change?.value ?? null;
  }

  get seeds() {
    return this.form.draft.seeds;
  }

  /** Whether the form describes an experiment and not a single run. */
  get isActive() {
    return Boolean(this.pointer) || Object.keys(sweepOf(this.form.config)).length > 0;
  }

  /** The request body. */
  get body() {
    const { config, options } = this.form;
    const body = this.pointer ? armsBody(this.#arms(), options.presets) : sweepBody(config, options.presets);
    return { name: config.name, ...body, seeds: this.seeds };
  }

  /** Shows the part where the form describes an experiment, and what that will take. */
  refresh() {
    const { start, add } = this.buttons;
    this.element.hidden = start.hidden = !this.isActive;
    add.hidden = this.isActive;
    clearTimeout(this.#timer);
    if (this.isActive) this.#timer = setTimeout(() => this.#showPlan(), PLAN_PAUSE_MS);
  }

  redraw() {
    // The visitor may have removed the layer, or chosen another optimizer
    if (this.pointer && !this.#field()) this.form.draft.change = null;
    fill(this.fields, this.pointer && this.#changeFields(), this.#seedsField(), this.pointer && this.#removeButton());
    this.refresh();
  }

  async start() {
    const experiment = await send("POST", "v1/experiments", this.body).catch(inForm);
    location.hash = `#/experiment/${experiment.id}`;
  }

  #arms() {
    const { config } = this.form;
    const [before, after] = [valueAt(config, this.pointer), this.value];
    return [
      { name: this.#armName(before), config },
      { name: this.#armName(after), config: changedAt(config, this.pointer, after) },
    ];
  }

  /**
   * What an arm is called: by its value of the field that differs.
   * @param {any} value
   */
  #armName(value) {
    if (value?.name) return value.name.replaceAll("_", " ");
    const label = this.#field().label;
    if (typeof value === "boolean") return `${label}: ${t(value ? "yes" : "no")}`;
    return `${label} ${value ?? t("none")}`;
  }

  #addChange() {
    this.#chooseField("/optimizer");
    this.form.focus("/change/field");
  }

  /** @param {string} pointer */
  #chooseField(pointer) {
    const { draft } = this.form;
    draft.change = { pointer, value: null };
    draft.change.value = this.#firstValue();
    this.redraw();
    this.form.showCurl();
  }

  #field() {
    return /** @type {Field} */ (changeable(this.form).find(({ pointer }) => pointer === this.pointer));
  }

  /** Another value than that of the first arm; null where the visitor has to type it. */
  #firstValue() {
    const now = valueAt(this.form.config, this.pointer);
    const { choices, names } = this.#field();
    if (typeof now === "boolean") return !now;
    if (choices) return withDefaults(choices, otherThan(now?.name, choices));
    return names?.find((name) => name !== now) ?? null;
  }

  #changeFields() {
    const lines = changeable(this.form).map(({ pointer, label }) => /** @type {[string, string]} */ ([pointer, label]));
    const choose = (/** @type {string} */ pointer) => {
      this.#chooseField(pointer);
      this.form.focus("/change/field");
    };
    return [
      labelled(t("train.experiment.field"), select(lines, this.pointer, choose, { "data-pointer": "/change/field" })),
      this.#valueField(),
    ];
  }

  #removeButton() {
    const remove = () => {
      this.form.draft.change = null;
      this.form.redraw();
      this.buttons.add.focus();
    };
    return button(t("train.experiment.remove"), remove, { class: "quiet", id: "remove-change" });
  }

  #valueField() {
    const { choices, names } = this.#field();
    const field = { label: t("train.experiment.value"), value: /** @type {any} */ (this.value), pointer: "/change" };
    const onChange = (/** @type {unknown} */ value) => {
      this.form.draft.change = { pointer: this.pointer, value };
      this.form.showCurl();
    };
    if (typeof this.value === "boolean") return switchField({ ...field, label: this.#field().label, onChange });
    if (names) return choiceField({ ...field, options: names, onChange });
    if (!choices) return numberField({ ...field, onChange });
    return choiceField({
      ...field,
      value: this.value ? /** @type {Named} */ (this.value).name : "",
      options: choices.map(({ name }) => [name, name.replaceAll("_", " ")]),
      onChange: (name) => onChange(withDefaults(choices, name)),
    });
  }

  #seedsField() {
    const onChange = (/** @type {any} */ seeds) => {
      this.form.draft.seeds = seeds;
      this.form.showCurl();
    };
    return numberField({
      label: t("train.experiment.seeds"),
      value: this.seeds,
      pointer: "/seeds",
      onChange,
      isWhole: true,
      title: t("train.experiment.seeds.hint"),
    });
  }

  /** Asks the API what the experiment takes and can show. */
  async #showPlan() {
    const isNewest = this.#plans.start();
    this.plan.textContent = "";
    if (this.pointer && this.value === null && this.pointer !== "/schedule") return;
    try {
      const plan = await send("POST", "v1/experiments?validate_only=true", this.body);
      if (isNewest()) this.plan.textContent = planText(plan);
    } catch (error) {
      if (isNewest()) this.plan.textContent = requestError(error);
    }
  }
}

/**
 * Throws an error of the API again, with pointers to the fields of the form.
 * @param {any} error
 * @returns {never}
 */
function inForm(error) {
  for (const each of error.errors ?? []) each.pointer = formPointer(each.pointer);
  throw error;
}

/** @param {ExperimentPlan} plan */
function planText({ arms, seeds, jobs, estimated_s: seconds, minimal_detectable_difference: difference }) {
  const sentences = [t("train.experiment.plan", { arms: arms.length, seeds: seeds.length, jobs })];
  if (seconds) sentences.push(t("train.experiment.time", { time: duration(seconds) }));
  if (difference) sentences.push(t("train.experiment.shows", { points: percentagePoints(difference) }));
  else sentences.push(t("train.experiment.too_few"));
  return sentences.join(" ");
}

/**
 * The name of another choice: Adam where it is one, else the first.
 * @param {string | undefined} name
 * @param {Choice[]} choices
 */
function otherThan(name, choices) {
  const others = choices.map((choice) => choice.name).filter((other) => other !== name);
  return others.find((other) => other === "adam") ?? others[0];
}

/**
 * The fields that can differ in the second arm.
 * @param {TrainForm} form
 * @returns {Field[]}
 */
function changeable({ config, options }) {
  const optimizer = choiceNamed(options.optimizers, config.optimizer.name);
  return [
    { pointer: "/optimizer", label: t("optimizer.name"), choices: options.optimizers },
    ...optimizer.parameters.map(({ name }) => ({ pointer: `/optimizer/${name}`, label: fieldName(name) })),
    ...["batch_size", "epochs", "shuffle"].map((name) => ({ pointer: `/${name}`, label: fieldName(name) })),
    { pointer: "/schedule", label: fieldName("schedule"), choices: options.schedules },
    { pointer: "/precision", label: fieldName("precision"), names: options.precisions.map(({ name }) => name) },
    ...config.network.layers.flatMap((_, index) => layerFields(index, { config, options })),
  ];
}

/**
 * @param {number} index
 * @param {Pick<TrainForm, "config" | "options">} form
 * @returns {Field[]}
 */
function layerFields(index, { config, options }) {
  const isOutput = index === config.network.layers.length - 1;
  const layer = isOutput ? t("layer.output") : t("layer.hidden", { number: index + 1 });
  const pointer = `/network/layers/${index}`;
  const units = { pointer: `${pointer}/units`, label: `${layer} · ${t("layer.units")}` };
  return [
    ...(isOutput ? [] : [units]),
    { pointer: `${pointer}/activation`, label: `${layer} · ${t("layer.activation")}`, names: options.activations },
    { pointer: `${pointer}/initializer`, label: `${layer} · ${t("layer.initializer")}`, choices: options.initializers },
  ];
}
