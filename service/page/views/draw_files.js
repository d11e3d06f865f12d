// @ts-check
// Buttons that open a picture from a file, and on a phone from the camera.

import { h, uniqueId } from "../ui/dom.js";
import { t } from "../ui/words.js";

/** @param {(file: File) => void} open */
export const fileButtons = (open) => [
  picker("draw.file", open, {}),
  h("span", { class: "camera" }, picker("draw.camera", open, { capture: "environment" })),
];

/**
 * @param {string} labelKey
 * @param {(file: File) => void} open
 * @param {{ capture?: string }} properties
 */
function picker(labelKey, open, properties) {
  const id = uniqueId("file");
  const input = h("input", { type: "file", accept: "image/*", id, class: "unseen", ...properties });
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    input.value = ""; // else the same file could not be opened twice
    if (file) open(file);
  });
  return [h("label", { class: "button", htmlFor: id }, t(labelKey)), input];
}
