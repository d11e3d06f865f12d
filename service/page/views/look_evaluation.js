// @ts-check
// How well a checkpoint reads the test images, as elements.

import { IMAGE_SIDE } from "../plots/signed_pixels.js";
import { button, h } from "../ui/dom.js";
import { number, percent } from "../ui/format.js";
import { t } from "../ui/words.js";

/** @import { Evaluation, HardImage } from "../net/types.d.ts" */

/**
 * The confusion matrix as a table for screen readers, which cannot read the chart.
 * @param {Evaluation} evaluation
 */
export function confusionTable({ confusion, accuracy, samples }) {
  const heads = confusion.map((_, digit) => h("th", { scope: "col" }, String(digit)));
  const rows = confusion.map((counts, label) => {
    const cells = counts.map((count) => h("td", {}, number(count)));
    return h("tr", {}, h("th", { scope: "row" }, String(label)), cells);
  });
  return h(
    "table",
    { class: "confusion" },
    h("caption", {}, t("look.accuracy", { share: percent(accuracy, 2), samples })),
    h("thead", {}, h("tr", {}, h("td", {}), heads)),
    h("tbody", {}, rows),
  );
}

/**
 * A test image that the network finds hard, with its label and the network's answer.
 * @param {HardImage} image
 * @param {(image: HardImage) => void} onChoose
 */
export function hardImageItem(image, onChoose) {
  const { label, prediction, label_probability: share, png, index } = image;
  const alt = t("look.hard_image", { label, prediction, index });
  return h(
    "li",
    {},
    button(h("img", { src: png, alt, width: IMAGE_SIDE, height: IMAGE_SIDE }), () => onChoose(image)),
    h("span", {}, h("b", {}, String(label)), ` → ${prediction}`),
    h("small", {}, percent(share, 1)),
  );
}
