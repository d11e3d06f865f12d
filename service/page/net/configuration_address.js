// @ts-check
// A job's configuration in the address of a view, so that a link opens the form with it:
// `#/learn?preset=accurate&epochs=3&/optimizer/learning_rate=0.1`.

import { readQuery, writeQuery } from "./address_query.js";
import { choiceNamed, defaults, withDefaults } from "./configuration.js";

/**
 * @import { Choice, Configuration, Layer, Options } from "./types.d.ts"
 *
 * @typedef {object} Change The field that differs in an experiment's second arm.
 * @property {string} pointer
 * @property {unknown} value
 *
 * @typedef {object} Reading
 * @property {Configuration} config
 * @property {Change | null} change
 * @property {number | null} seeds How many seeds an experiment has.
 * @property {string[]} ignored What the address has and no configuration can have, as the names in the address.
 */

/** The preset that forms start from. */
const FIRST_PRESET = "accurate";

/** The preset of a body that names none. */
const DEFAULT_PRESET = "notebook";

/**
 * The address that opens a view's form with the body of a job.
 * @param {string} view Such as `train`.
 * @param {Record<string, unknown>} body As for `POST /v1/jobs`: a preset, and what differs from it. Beside them, an
 *   experiment's change is `change: {field, value}`, and the number of its seeds is `seeds`.
 */
export const addressOf = (view, { preset, ...changes }) =>
  `#/${view}?${writeQuery({ preset: preset ?? DEFAULT_PRESET, ...changes })}`;

/**
 * Splits an address into its view, the view's argument, and its query.
 * @param {string} address Such as `#/watch/job_…`.
 */
export function partsOfAddress(address) {
  const [path, ...query] = address.replace(/^#\/?/, "").split("?");
  const [view, ...argument] = path.split("/");
  return { view, argument: argument.join("/"), query: query.join("?") };
}

/**
 * The argument of a view without escape sequences, or null where it is none: views build paths of the API from the ids
 * in it, so that a dot is part of a name, and the only slash is the one between a job and its step.
 * @param {string} argument
 */
export function readableArgument(argument) {
  try {
    const text = decodeURIComponent(argument);
    return /^(?:[\w,=&@:-]|(?<=\w)\.(?=\w))*(?:\/\d*)?$/.test(text) ? text : null;
  } catch {
    return null; // an escape sequence that is none
  }
}

/**
 * The configuration of an address: its preset with the address's changes. It never throws: what is unknown or broken
 * is left out and listed in `ignored`.
 * @param {string} address
 * @param {Options} options
 * @returns {Reading | null} Null where the address has no configuration.
 */
export function configurationIn(address, options) {
  const { query } = partsOfAddress(address);
  if (!query) return null;
  const { values, broken } = readQuery(query);
  const { change, seeds, preset = DEFAULT_PRESET, ...fields } = values;
  const reader = new Reader(options, broken);
  const config = reader.configuration(preset, fields);
  const ignored = reader.ignored;
  return { config, change: changeIn(change), seeds: typeof seeds === "number" ? seeds : null, ignored };
}

/**
 * The preset that forms start from.
 * @param {Options} options
 * @param {string} [preset]
 * @returns {Configuration}
 */
export function presetConfiguration({ presets }, preset = FIRST_PRESET) {
  const name = Object.hasOwn(presets, preset) ? preset : Object.keys(presets)[0];
  return { ...structuredClone(presets[name]), preset: name };
}

/**
 * @param {any} change
 * @returns {Change | null}
 */
const changeIn = (change) =>
  typeof change?.field === "string" ? { pointer: change.field, value: change.value ?? null } : null;

/** Reads the values of an address into a configuration, and collects what it cannot use. */
class Reader {
  /**
   * @param {Options} options
   * @param {string[]} broken
   */
  constructor(options, broken) {
    this.options = options;
    this.ignored = broken;
  }

  /**
   * @param {any} preset
   * @param {Record<string, any>} fields
   */
  configuration(preset, fields) {
    if (!Object.hasOwn(this.options.presets, preset)) this.ignored.push("preset");
    /** @type {any} */
    const config = presetConfiguration(this.options, String(preset));
    for (const [name, value] of Object.entries(fields)) {
      if (Object.hasOwn(config, name)) config[name] = this.#field(name, value, config[name]);
      else this.ignored.push(name);
    }
    return config;
  }

  /**
   * @param {string} name
   * @param {any} value
   * @param {any} before
   */
  #field(name, value, before) {
    const { optimizers, schedules, augment, datasets, precisions } = this.options;
    if (name === "network") return { layers: this.#layers(value?.layers, before.layers) };
    if (name === "optimizer") return this.#named(value, before, { choices: optimizers, pointer: "/optimizer" });
    if (name === "schedule" && value !== null) {
      return this.#named(value, before, { choices: schedules, pointer: "/schedule" });
    }
    if (name === "augment" && value !== null) return this.#parameters(value, before ?? defaults(augment), "/augment");
    if (name === "early_stopping" && value !== null) {
      return this.#parameters(value, before ?? { monitor: "test_loss", patience: 3 }, "/early_stopping");
    }
    if (name === "precision" && !precisions.some((each) => each.name === value)) return this.#ignore(name, before);
    if (name === "dataset" && !datasets.includes(value)) return this.#ignore(name, before);
    if (name === "datasets" && value === null) return null;
    if (name === "datasets" || name === "metadata") return isObject(value) ? value : this.#ignore(name, before);
    return this.#scalar(value, before, name);
  }

  /**
   * @param {any} value A list of layers, or an object with the layers that differ, by their indices.
   * @param {Layer[]} before
   * @returns {Layer[]}
   */
  #layers(value, before) {
    const isWhole = Array.isArray(value) && value.length > 0;
    if (!isWhole && !isObject(value)) return this.#ignore("/network/layers", before);
    if (isWhole) return value.map((layer, index) => this.#layer(layer, before.at(-1), index));
    const unknown = Object.keys(value).filter((index) => !Object.hasOwn(before, index));
    for (const index of unknown) this.ignored.push(`/network/layers/${index}`);
    /** @type {Record<string, any>} */
    const changes = value;
    return before.map((layer, index) => (changes[index] ? this.#layer(changes[index], layer, index) : layer));
  }

  /**
   * @param {any} value
   * @param {any} before
   * @param {number} index
   * @returns {Layer}
   */
  #layer(value, before, index) {
    const pointer = `/network/layers/${index}`;
    if (!isObject(value)) return this.#ignore(pointer, structuredClone(before));
    const { initializer, activation, ...others } = value;
    const place = { choices: this.options.initializers, pointer: `${pointer}/initializer` };
    const isKnown = activation === undefined || this.options.activations.includes(activation);
    return {
      ...this.#parameters(others, { units: before.units }, pointer),
      activation: isKnown
        ? (activation ?? before.activation)
        : this.#ignore(`${pointer}/activation`, before.activation),
      initializer: initializer ? this.#named(initializer, before.initializer, place) : { ...before.initializer },
    };
  }

  /**
   * A choice by its name; with another name than before it starts from the defaults of that choice.
   * @param {any} value
   * @param {any} before
   * @param {{ choices: Choice[], pointer: string }} place
   */
  #named(value, before, { choices, pointer }) {
    const { name = before?.name, ...parameters } = isObject(value) ? value : { name: value };
    if (!choices.some((choice) => choice.name === name)) return this.#ignore(pointer, before);
    const start = name === before?.name ? before : withDefaults(choices, name);
    const known = defaults(choiceNamed(choices, name).parameters);
    return { ...this.#parameters(parameters, start, pointer, known), name };
  }

  /**
   * The values with those of the address; a name that is not among them is ignored.
   * @param {any} values
   * @param {Record<string, any>} before
   * @param {string} pointer
   * @param {Record<string, any>} [known] What can be set, with a value of its type.
   * @returns {any}
   */
  #parameters(values, before, pointer, known = before) {
    const result = { ...before };
    if (!isObject(values)) return this.#ignore(pointer, result);
    for (const [name, value] of Object.entries(values)) {
      if (Object.hasOwn(known, name)) result[name] = this.#scalar(value, known[name], `${pointer}/${name}`);
      else this.ignored.push(`${pointer}/${name}`);
    }
    return result;
  }

  /**
   * A single value, or a list of numbers. Text in place of a number stays: the form shows it, and its error.
   * @param {any} value
   * @param {any} before
   * @param {string} name
   */
  #scalar(value, before, name) {
    const isList = Array.isArray(value) && value.length > 1 && value.every((each) => typeof each === "number");
    if (isObject(value) && !isList) return this.#ignore(name, before);
    const isSwitch = typeof value === "boolean";
    if (before !== null && isSwitch !== (typeof before === "boolean")) return this.#ignore(name, before);
    return value;
  }

  /**
   * @template T
   * @param {string} name
   * @param {T} before
   */
  #ignore(name, before) {
    this.ignored.push(name);
    return before;
  }
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, any>}
 */
const isObject = (value) => value !== null && typeof value === "object";
