// @ts-check
// Job configurations: what a request body must contain, and the same request as a curl command.

/** @import { Choice, Configuration, Named, Options, Parameter } from "./types.d.ts" */

/**
 * The fields of *config* that differ from *base*. The service merges them into *base* and gets *config* again.
 * @param {Record<string, any>} config
 * @param {Record<string, any>} base
 * @returns {Record<string, any>}
 */
export function difference(config, base) {
  /** @type {Record<string, any>} */
  const changes = {};
  for (const [name, value] of Object.entries(config)) {
    const before = base?.[name];
    if (isSame(value, before)) continue;
    const canMerge = isObject(value) && isObject(before) && value.name === before.name;
    changes[name] = canMerge ? difference(value, before) : value;
  }
  return changes;
}

/**
 * The smallest request body that creates *config*: its preset and the differences from it.
 * @param {Configuration} config
 * @param {Record<string, Configuration>} presets
 */
export function requestBody(config, presets) {
  const preset = config.preset ?? "notebook";
  const changes = difference(config, { ...presets[preset], preset });
  return preset === "notebook" ? changes : { preset, ...changes };
}

/**
 * A request as a curl command. It names the API key's environment variable, so that the screen never shows the key.
 * @param {object} body
 * @param {{ withKey: boolean, path: string }} options
 */
export function curlCommand(body, { withKey, path }) {
  const json = JSON.stringify(body).replaceAll("'", "'\\''");
  const key = withKey ? '-H "Authorization: Bearer $NAIVENET_KEY" \\\n  ' : "";
  const url = new URL(path, document.baseURI);
  return `curl ${url} \\\n  ${key}-H 'Content-Type: application/json' \\\n  -d '${json}'`;
}

/**
 * The choice of that name.
 * @param {Choice[]} choices
 * @param {string} name
 */
export function choiceNamed(choices, name) {
  const choice = choices.find((each) => each.name === name);
  if (!choice) throw new Error(`the API offers no choice named ${name}`);
  return choice;
}

/**
 * A named choice with the default value of each parameter, or the value that the API suggests to start from.
 * @param {Choice[]} choices
 * @param {string} name
 * @returns {Named}
 */
export function withDefaults(choices, name) {
  const { parameters, suggested } = choiceNamed(choices, name);
  return { name, ...defaults(parameters), ...suggested };
}

/**
 * An optimizer with the learning rate to start from. The suggested rates are the best for the network of the preset
 * "accurate": one for other initial weights starts from its preset's rate, or from the optimizer's default.
 * @param {Options} options
 * @param {string} name
 * @param {Configuration} config
 * @returns {{ optimizer: Configuration["optimizer"], isSuggested: boolean }}
 */
export function optimizerFor({ optimizers, presets }, name, config) {
  const isSuggested = startsLike(config.network, presets.accurate?.network ?? config.network);
  const { optimizer: own } = presets[config.preset ?? "notebook"] ?? {};
  const { parameters } = choiceNamed(optimizers, name);
  const others = own?.name === name ? own : { name, ...defaults(parameters) };
  const optimizer = isSuggested ? withDefaults(optimizers, name) : structuredClone(others);
  return { optimizer: /** @type {any} */ (optimizer), isSuggested };
}

/**
 * Whether two networks have the same layers apart from their sizes.
 * @param {Configuration["network"]} one
 * @param {Configuration["network"]} other
 */
const startsLike = (one, other) => isSame(withoutUnits(one), withoutUnits(other));

/** @param {Configuration["network"]} network */
const withoutUnits = ({ layers }) => layers.map(({ activation, initializer }) => [activation, initializer]);

/**
 * The default value of each parameter.
 * @param {Parameter[]} parameters
 * @returns {Record<string, unknown>}
 */
export const defaults = (parameters) =>
  Object.fromEntries(parameters.map((parameter) => [parameter.name, parameter.default]));

/** @param {unknown} value */
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/**
 * @param {unknown} one
 * @param {unknown} other
 */
const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);
