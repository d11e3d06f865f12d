// @ts-check
// Forms that a button submits, with the errors of the response beside the fields that caused them.

import { Problem } from "../net/api.js";
import { h, uniqueId } from "./dom.js";
import { fieldError, requestError } from "./errors.js";
import { t } from "./words.js";

/** @import { FieldError } from "../net/types.d.ts" */

/**
 * A form that only its buttons submit. Enter in a field confirms the value; a training costs too much to start by it.
 * @param {string} name The class of the element.
 */
export const quietForm = (name) =>
  h("form", { class: name, noValidate: true, onsubmit: (event) => event.preventDefault() });

/**
 * Submits a form and shows what is wrong: field errors beside their fields, all other errors in *errorLine*.
 * @param {HTMLFormElement} form
 * @param {HTMLElement} errorLine
 * @param {() => Promise<void>} action
 */
export async function submitForm(form, errorLine, action) {
  clearErrors(form);
  errorLine.textContent = "";
  try {
    await action();
  } catch (error) {
    errorLine.textContent = showErrors(form, error);
  }
}

/** @param {HTMLFormElement} form */
function clearErrors(form) {
  for (const message of form.querySelectorAll(".error")) message.remove();
  for (const input of form.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }
}

/**
 * Marks the wrong fields, focuses the first of them, and returns the message for the whole form.
 * @param {HTMLFormElement} form
 * @param {unknown} error
 */
function showErrors(form, error) {
  const errors = error instanceof Problem ? error.errors : [];
  if (!errors.length) return requestError(error);
  const withoutField = errors.filter((each) => !showBesideField(form, each));
  const firstInvalid = /** @type {HTMLElement | null} */ (form.querySelector("[aria-invalid]"));
  firstInvalid?.focus();
  return withoutField.map(fieldError).join(" ") || t("error.fields");
}

/**
 * Shows an error beside its field; returns false where the form has no such field.
 * @param {HTMLFormElement} form
 * @param {FieldError} error
 */
function showBesideField(form, error) {
  const input = fieldAt(form, error.pointer);
  if (!input) return false;
  const message = h("p", { class: "error", id: uniqueId("error") }, fieldError(error));
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", message.id);
  input.closest("details")?.setAttribute("open", "");
  (input.closest(".field") ?? input.parentElement)?.append(message);
  return true;
}

/**
 * The field of a JSON pointer, else the field of its nearest parent.
 * @param {HTMLFormElement} form
 * @param {string} pointer
 */
function fieldAt(form, pointer) {
  for (let place = pointer; place; place = place.slice(0, place.lastIndexOf("/"))) {
    const input = form.querySelector(`[data-pointer="${CSS.escape(place)}"]`);
    if (input) return input;
  }
  return null;
}
