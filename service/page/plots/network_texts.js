// @ts-check
// What the picture of a network says in words: its layers in a sentence, and its number of parameters.

import { countParameters, layerSizes } from "../net/network.js";
import { number } from "../ui/format.js";
import { t } from "../ui/words.js";
import { isWholeUnits, limitsOf } from "./network_columns.js";

/** @import { Layer, Options } from "../net/types.d.ts" */

/**
 * @param {Layer[]} layers
 * @param {Options} options
 */
export function networkTexts(layers, options) {
  const parts = layers.map(({ units, activation }) => t("network.layer", { units, activation }));
  const sentence = t("network.sentence", { layers: parts.join(", ") });
  const isRight = layers.every(({ units }) => isWholeUnits(units, limitsOf(options).units));
  if (!isRight) return { sentence, parameters: t("network.parameters_unknown"), formula: "" };
  const terms = layerSizes(layers).map(
    ({ inputs, units }) => `${number(inputs)} × ${number(units)} + ${number(units)}`,
  );
  const parameters = t("network.parameters", { count: number(countParameters(layers)) });
  return { sentence, parameters, formula: `= ${terms.join(" + ")}` };
}
