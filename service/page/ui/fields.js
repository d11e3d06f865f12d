// Fields of a form, each with the JSON pointer of what it edits, and the errors that are told beside them.

import { Problem } from "../net/api.js";
import { h, labelled, select, unique } from "./dom.js";
import { refusal, wrong } from "./trouble.js";
import { has, t } from "./words.js";

/**
 * A field for a number, *whole* or not; what is no number is kept as it was written, so that the service can say what it thinks of it.
 */
export function numberField(label, value, pointer, onchange, { empty = null, whole = false, ...more } = {}) {
  const input = h("input", {
    type: "text", inputMode: "decimal", autocomplete: "off", value: value ?? "", "data-pointer": pointer, ...more,
    oninput: (event) => onchange(read(event.target.value.trim(), empty, whole)),
  });
  return labelled(label, input);
}

const GROUPED = /^\d{1,3}([.,\s]\d{3})+$/;

/** A comma is a decimal point, but in whole numbers it parts thousands, as the page itself writes them. */
function read(text, empty, whole) {
  if (text === "") return empty;
  const value = Number(whole && GROUPED.test(text) ? text.replace(/\D/g, "") : text.replace(",", "."));
  return Number.isNaN(value) ? text : value;
}

/** A field for words. */
export function textField(label, value, pointer, onchange, more = {}) {
  const oninput = (event) => onchange(event.target.value || null);
  return labelled(label, h("input", { type: "text", autocomplete: "off", value: value ?? "", "data-pointer": pointer, oninput, ...more }));
}

/** A field for one of some names. */
export function choiceField(label, choices, chosen, pointer, onchange) {
  return labelled(label, select(choices, chosen, onchange, { "data-pointer": pointer }));
}

/** A field for yes or no. */
export function switchField(label, value, pointer, onchange) {
  const box = h("input", {
    type: "checkbox", checked: value, id: unique("field"), "data-pointer": pointer,
    onchange: (event) => onchange(event.target.checked),
  });
  return h("div", { class: "field switch" }, box, h("label", { htmlFor: box.id }, label));
}

/** Fields for all parameters of something that goes by name. */
export function parameterFields(choice, value, pointer, changed) {
  return choice.parameters.map((parameter) => {
    const { name } = parameter;
    const place = `${pointer}/${name}`;
    const take = (given) => { value[name] = given; changed(); };
    const label = nameOfField(name);
    if (parameter.type === "boolean") return switchField(label, value[name], place, take);
    return numberField(label, value[name], place, take, { empty: parameter.default, whole: parameter.type === "integer", title: range(parameter) });
  });
}

/** What a field of a configuration is called in the reader's language, or its own name where that has no word for it. */
export function nameOfField(name) {
  const known = [`parameter.${name}`, `run.${name}`, `layer.${name}`].find(has);
  return known ? t(known) : name.replaceAll("_", " ");
}

function range({ minimum, maximum, exclusive_minimum: open, exclusive_maximum: closed }) {
  return minimum === null ? "" : `${open ? "(" : "["}${minimum}, ${maximum ?? "∞"}${closed ? ")" : "]"}`;
}

/** Sends a form by `sending()`; errors are told beside their fields, and what belongs to none of them in *trouble*. */
export async function submitted(form, trouble, sending) {
  clearErrors(form);
  trouble.textContent = "";
  try {
    await sending();
  } catch (error) {
    const errors = error instanceof Problem ? error.errors : [];
    const homeless = showErrors(form, errors).map(wrong);
    trouble.textContent = errors.length ? homeless.join(" ") || t("trouble.fields") : refusal(error);
  }
}

function clearErrors(form) {
  form.querySelectorAll(".error").forEach((error) => error.remove());
  form.querySelectorAll("[aria-invalid]").forEach((input) => {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  });
}

/** Tells each error beside the field that its pointer names, or the nearest one above; returns those that have none. */
function showErrors(form, errors) {
  const homeless = errors.filter((error) => {
    const input = nearest(form, error.pointer);
    if (!input) return true;
    const told = h("p", { class: "error", id: unique("error") }, wrong(error));
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", told.id);
    input.closest("details")?.setAttribute("open", "");
    (input.closest(".field") ?? input.parentElement).append(told);
    return false;
  });
  form.querySelector("[aria-invalid]")?.focus();
  return homeless;
}

function nearest(form, pointer) {
  for (let place = pointer; place; place = place.slice(0, place.lastIndexOf("/"))) {
    const input = form.querySelector(`[data-pointer="${CSS.escape(place)}"]`);
    if (input) return input;
  }
  return null;
}
