// @ts-check
// The fields of a form. Each carries the JSON pointer of the value that it edits, so that an error finds its field.

import { h, labelled, select, uniqueId } from "./dom.js";
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
 * @property {T} value
 * @property {string} pointer A JSON pointer into the request body, such as `/optimizer/learning_rate`.
 * @property {(value: any) => void} onChange Receives each new value.
 */

/**
 * A field for a number. Text that is no number is passed on as it is, so that the service's error names it.
 * @param {Field<unknown> & { isWhole?: boolean, emptyValue?: unknown, [property: string]: unknown }} field
 */
export function numberField({ label, value, pointer, onChange, isWhole = false, emptyValue = null, ...properties }) {
  const input = h("input", {
    type: "text",
    inputMode: "decimal",
    autocomplete: "off",
    value: value ?? "",
    "data-pointer": pointer,
    oninput: (event) => onChange(parseNumber(event.target.value.trim(), { isWhole, emptyValue })),
    ...properties,
  });
  return labelled(label, input);
}

const GROUPED_THOUSANDS = /^\d{1,3}([.,\s]\d{3})+$/;

/**
 * Reads a number as the page writes it: a comma is a decimal point, but in a whole number it separates thousands.
 * @param {string} text
 * @param {{ isWhole: boolean, emptyValue: unknown }} options
 */
function parseNumber(text, { isWhole, emptyValue }) {
  if (text === "") return emptyValue;
  const plain = isWhole && GROUPED_THOUSANDS.test(text) ? text.replace(/\D/g, "") : text.replace(",", ".");
  const value = Number(plain);
  return Number.isNaN(value) ? text : value;
}

/**
 * A field for text; an empty one is null.
 * @param {Field<string | null> & { [property: string]: unknown }} field
 */
export function textField({ label, value, pointer, onChange, ...properties }) {
  const input = h("input", {
    type: "text",
    autocomplete: "off",
    value: value ?? "",
    "data-pointer": pointer,
    oninput: (event) => onChange(event.target.value || null),
    ...properties,
  });
  return labelled(label, input);
}

/**
 * A field for one of several names.
 * @param {Field<string> & { options: Option[] }} field
 */
export const choiceField = ({ label, value, pointer, onChange, options }) =>
  labelled(label, select(options, value, onChange, { "data-pointer": pointer }));

/**
 * A checkbox.
 * @param {Field<unknown>} field
 */
export function switchField({ label, value, pointer, onChange }) {
  const box = h("input", {
    type: "checkbox",
    checked: Boolean(value),
    id: uniqueId("field"),
    "data-pointer": pointer,
    onchange: (event) => onChange(event.target.checked),
  });
  return h("div", { class: "field switch" }, box, h("label", { htmlFor: box.id }, label));
}

/**
 * The fields for all parameters of an optimizer, initializer, schedule or augmentation.
 * @param {Pick<Choice, "parameters">} choice
 * @param {Record<string, unknown>} values Is changed in place.
 * @param {string} pointer
 * @param {() => void} onChange
 */
export const parameterFields = (choice, values, pointer, onChange) =>
  choice.parameters.map((parameter) => {
    const { name } = parameter;
    const field = {
      label: fieldName(name),
      value: values[name],
      pointer: `${pointer}/${name}`,
      onChange: (/** @type {unknown} */ value) => {
        values[name] = value;
        onChange();
      },
    };
    if (parameter.type === "boolean") return switchField(field);
    const isWhole = parameter.type === "integer";
    return numberField({ ...field, isWhole, emptyValue: parameter.default, title: interval(parameter) });
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
 * A parameter's range as an interval, such as `[0, 1)`.
 * @param {Parameter} parameter
 */
function interval({ minimum, maximum, exclusive_minimum: isOpenBelow, exclusive_maximum: isOpenAbove }) {
  if (minimum === null) return "";
  return `${isOpenBelow ? "(" : "["}${minimum}, ${maximum ?? "∞"}${isOpenAbove ? ")" : "]"}`;
}
