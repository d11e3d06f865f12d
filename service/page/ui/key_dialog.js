// @ts-check
// The dialog that asks the visitor for an API key.

import { storedKey, storeKey } from "../net/api.js";
import { errorLine, fill, h } from "./dom.js";
import { t } from "./words.js";

/**
 * Asks for an API key and stores it for this tab. Does nothing while the dialog is open.
 * @param {() => void} onStored
 */
export function askForKey(onStored) {
  if (document.querySelector("dialog[open]")) return;
  const field = h("input", { type: "password", id: "key", autocomplete: "off", required: true });
  const dialog = h("dialog", { onclose: (event) => event.target.remove() });
  const onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    storeKey(field.value.trim());
    dialog.close();
    onStored();
  };
  fill(dialog, h("form", { onsubmit }, formParts(field)));
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {HTMLInputElement} field */
function formParts(field) {
  const refused = errorLine();
  refused.textContent = t("key.refused");
  return [
    storedKey() && refused,
    h("label", { htmlFor: "key" }, t("key.needed")),
    field,
    h("button", { class: "main" }, t("key.use")),
  ];
}
