// @ts-check
// A run's configuration in one line: what is trained, how, for how long, and on which images; and shorter.

import { PIXELS } from "../net/network.js";
import { fieldText, number } from "./format.js";
import { t } from "./words.js";

/** @import { Configuration } from "../net/types.d.ts" */

/**
 * Such as `512 relu – 10 softmax · sgd, rate 0.1 · batch 128 · 3 epochs · seed 7 · Accurate · mnist`.
 * @param {Configuration} config
 */
export function runLine(config) {
  const { epochs, batch_size: batch, seed, preset, schedule, augment, early_stopping: early } = config;
  const parts = [
    config.network.layers.map(({ units, activation }) => `${number(units)} ${activation}`).join(" – "),
    optimizerOf(config),
    t("line.batch", { batch }),
    epochs === 1 ? t("line.epoch") : t("line.epochs", { epochs }),
    seed !== null && t("line.seed", { seed: String(seed) }),
    preset && t(`preset.${preset}`),
    config.datasets ? config.datasets.map(({ name }) => name).join(" + ") : config.dataset,
    schedule?.name,
    augment && t("line.augmented"),
    early && t("run.early_stopping"),
  ];
  return parts.filter(Boolean).join(" · ");
}

/** @param {Configuration} config */
function optimizerOf({ optimizer: { name, learning_rate: rate, momentum } }) {
  const withMomentum = momentum ? `, ${t("line.momentum", { momentum })}` : "";
  return `${name}, ${t("line.rate", { rate })}${withMomentum}`;
}

/**
 * A configuration in a few words, such as `sgd 0.1 · 512–10 · 3×`.
 * @param {Configuration} config
 */
export function summary({ optimizer, network, epochs }) {
  const units = network.layers.map((layer) => layer.units).join("–");
  return `${optimizer.name} ${fieldText(optimizer.learning_rate)} · ${units} · ${epochs}×`;
}

/**
 * The numbers of units from the pixels to the digits, such as `784–512–10`; of several sizes the list is written.
 * @param {Configuration["network"]} network
 */
export const sizes = ({ layers }) => [PIXELS, ...layers.map(({ units }) => listed(units))].join("–");

/** @param {unknown} value A number, a list of them, or what the visitor typed. */
export const listed = (value) => [value].flat().map(fieldText).join("/");
