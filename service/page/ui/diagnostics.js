// @ts-check
// A job's diagnostics as sentences in the visitor's language.

import { h } from "./dom.js";
import { percent } from "./format.js";
import { hasSentence, t } from "./words.js";

/**
 * @import { DiagnosticData } from "../net/types.d.ts"
 * @import { Child } from "./dom.js"
 */

/**
 * A diagnostic as a list item: when it was found, the observation, and what to try.
 * @param {DiagnosticData} diagnostic
 * @param {Child} [advice] Buttons that apply the advice.
 */
export function diagnosticItem(diagnostic, advice = null) {
  const { code, epoch, step, hint } = diagnostic;
  const key = `diagnostic.${code}`;
  return h(
    "li",
    { class: "warning", "data-code": code },
    h("span", { class: "when" }, t("diagnostic.when", { epoch, step })),
    " ",
    h("strong", {}, diagnosticText(diagnostic)),
    " ",
    h("span", {}, hasSentence(key) ? t(`${key}.hint`) : hint),
    advice,
  );
}

/**
 * The observation of a diagnostic in a sentence.
 * @param {DiagnosticData} diagnostic
 */
export function diagnosticText({ code, layer, epoch, step, evidence, message }) {
  const key = `diagnostic.${code}`;
  if (!hasSentence(key)) return message;
  const digits = code === "chance_level" ? 1 : 0;
  const shares = { share: percent(Number(evidence.share), digits), accuracy: percent(Number(evidence.accuracy)) };
  // The API counts layers from 0, the page from 1
  return t(key, { epoch, step, ...evidence, ...shares, layer: (layer ?? 0) + 1 });
}
