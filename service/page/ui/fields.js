// @ts-check
// The fields of a form. Each carries the JSON pointer of the value that it edits, so that an error finds its field.

import { parseList, parseNumber } from "../net/numbers.js";
import { h, select, uniqueId } from "./dom.js";
import { fieldText } from "./format.js";
import { fieldMark } from "./term.js";
import { hasSentence, t } from "./words.js";

/**
 * @import { Choice, Parameter } from "../net/types.d.ts"
 * @import { Option } from "./dom.js"
 */

/**
 * What all kinds of fields have.
 * @template T
 * @typedef {object} Field
 * @property {string} label
 * @property {string} [owner] For screen readers, what the field belongs to, such as "of layer 1".
 * @property {T} value
 * @property {string} pointer A JSON pointer into the request body, such as `/optimizer/learning_rate`.
 * @property {(value: any) => void} onChange Receives each new value.
 */

/**
 * @typedef {object} NumberOptions Beside them, attributes and properties of the input.
 * @property {boolean} [isWhole]
 * @property {unknown} [emptyValue]
 * @property {boolean} [allowsList]
 */

/**
 * A field for a number. Text that is no number is passed on as it is, so that the service's error names it. Where a
 * list is allowed, several numbers are passed on as an array.
 * @param {Field<unknown> & NumberOptions & { [property: string]: unknown }} field
 */
export function numberField({ label, owner, value, pointer, onChange, ...options }) {
  const { isWhole = false, emptyValue = null, allowsList = false, ...properties } = options;
  const parsed = (/** @type {string} */ text) =>
    (allowsList && parseList(text, { isWhole })) || parseNumber(text, { isWhole, emptyValue });
  const input = h("input", {
    type: "text",
    inputMode: allowsList ? "text" : "decimal",
    autocomplete: "off",
    value: Array.isArray(value) ? value.map(fieldText).join("; ") : fieldText(value),
    "data-pointer": pointer,
    oninput: (event) => onChange(parsed(event.target.value.trim())),
    ...properties,
  });
  return explained(label, input, owner);
}

/**
 * A field for text; an empty one is null.
 * @param {Field<string | null> & { [property: string]: unknown }} field
 */
export function textField({ label, owner, value, pointer, onChange, ...properties }) {
  const input = h("input", {
    type: "text",
    autocomplete: "off",
    value: value ?? "",
    "data-pointer": pointer,
    oninput: (event) => onChange(event.target.value || null),
    ...properties,
  });
  return explained(label, input, owner);
}

/**
 * A field for one of several names.
 * @param {Field<string> & { options: Option[] }} field
 */
export const choiceField = ({ label, owner, value, pointer, onChange, options }) =>
  explained(label, select(options, value, onChange, { "data-pointer": pointer }), owner);

/**
 * A checkbox.
 * @param {Field<unknown>} field
 */
export function switchField({ label, owner, value, pointer, onChange }) {
  const box = h("input", {
    type: "checkbox",
    checked: Boolean(value),
    id: uniqueId("field"),
    "data-pointer": pointer,
    onchange: (event) => onChange(event.target.checked),
  });
  return h("div", { class: "field switch" }, box, labelOf(label, box, owner));
}

/**
 * A field below its label.
 * @param {string} label
 * @param {HTMLElement} input
 * @param {string} [owner]
 */
const explained = (label, input, owner) => h("div", { class: "field" }, labelOf(label, input, owner), input);

/**
 * A label, with a question mark where it is a term.
 * @param {string} label
 * @param {HTMLElement} input
 * @param {string} [owner]
 */
function labelOf(label, input, owner) {
  input.id ||= uniqueId("field");
  const mark = fieldMark(input.dataset.pointer ?? "", label);
  return h(
    "div",
    { class: "label" },
    h("label", { htmlFor: input.id }, label, owner && h("span", { class: "unseen" }, ` ${owner}`)),
    mark,
  );
}

/**
 * The fields for all parameters of an optimizer, initializer, schedule or augmentation.
 * @param {Pick<Choice, "parameters">} choice
 * @param {Record<string, unknown>} values Is changed in place.
 * @param {string} pointer
 * @param {() => void} onChange
 * @param {string} [owner] Where fields of the same name exist: what these belong to.
 */
export const parameterFields = (choice, values, pointer, onChange, owner) =>
  choice.parameters.map((parameter) => {
    const { name } = parameter;
    const field = {
      label: fieldName(name),
      owner,
      value: values[name],
      pointer: `${pointer}/${name}`,
      onChange: (/** @type {unknown} */ value) => {
        values[name] = value;
        onChange();
      },
    };
    if (parameter.type === "boolean") return switchField(field);
    const isWhole = parameter.type === "integer";
    const options = { isWhole, emptyValue: parameter.default, allowsList: true, title: interval(parameter) };
    return numberField({ ...field, ...options });
  });

/**
 * A configuration field's name in the visitor's language, or its API name in words.
 * @param {string} name
 */
export function fieldName(name) {
  const key = [`parameter.${name}`, `run.${name}`, `layer.${name}`].find(hasSentence);
  return key ? t(key) : name.replaceAll("_", " ");
}

/**
 * A parameter's range as an interval, such as `[0; 1)`.
 * @param {Parameter} parameter
 */
function interval({ minimum, maximum, exclusive_minimum: isOpenBelow, exclusive_maximum: isOpenAbove }) {
  if (minimum === null) return "";
  return `${isOpenBelow ? "(" : "["}${fieldText(minimum)}; ${fieldText(maximum ?? "∞")}${isOpenAbove ? ")" : "]"}`;
}
