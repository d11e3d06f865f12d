// @ts-check
// The network's part of the form: a list of layers, to change, add and remove.

import { choiceNamed, withDefaults } from "../net/configuration.js";
import { button, h } from "../ui/dom.js";
import { choiceField, numberField, parameterFields } from "../ui/fields.js";
import { t } from "../ui/words.js";

/**
 * @import { Layer } from "../net/types.d.ts"
 * @import { TrainForm } from "./train.js"
 */

const NEW_LAYER = { units: 64, activation: "relu", initializer: "he_normal" };

/** @param {TrainForm} form */
export function networkFields(form) {
  const { layers } = form.config.network;
  const items = layers.map((_, index) => layerItem(form, index));
  return h(
    "fieldset",
    { class: "network" },
    h("legend", {}, h("h2", {}, t("train.network"))),
    h("ol", { class: "layers" }, endItem(t("train.pixels")), items, endItem(t("train.digits"))),
    button(t("layer.add"), () => addLayer(form), { id: "add-layer", "data-pointer": "/network/layers" }),
  );
}

/** @param {string} text */
const endItem = (text) => h("li", { class: "pixels" }, h("span", {}, text));

/**
 * Adds a hidden layer before the output layer.
 * @param {TrainForm} form
 */
function addLayer(form) {
  const { layers } = form.config.network;
  const initializer = withDefaults(form.options.initializers, NEW_LAYER.initializer);
  layers.splice(layers.length - 1, 0, { ...NEW_LAYER, initializer });
  form.redraw();
}

/**
 * @param {TrainForm} form
 * @param {number} index
 */
function removeLayer(form, index) {
  form.config.network.layers.splice(index, 1);
  form.redraw();
  form.focus("/network/layers");
}

/**
 * @param {TrainForm} form
 * @param {number} index
 */
function layerItem(form, index) {
  const { layers } = form.config.network;
  const isOutput = index === layers.length - 1;
  const name = isOutput ? t("layer.output") : t("layer.hidden", { number: index + 1 });
  return h(
    "li",
    { class: "layer" },
    h("h3", {}, name),
    h("div", { class: "fields" }, layerFields(form, index, isOutput)),
    !isOutput && removeButton(form, index),
  );
}

/**
 * @param {TrainForm} form
 * @param {number} index
 * @param {boolean} isOutput
 */
function layerFields(form, index, isOutput) {
  const layer = form.config.network.layers[index];
  const pointer = `/network/layers/${index}`;
  const owner = isOutput ? t("layer.of_output") : t("layer.of_hidden", { number: index + 1 });
  return [
    numberField({
      label: t("layer.units"),
      owner,
      value: layer.units,
      pointer: `${pointer}/units`,
      onChange: form.setter(layer, "units"),
      isWhole: true,
      allowsList: !isOutput,
      readOnly: isOutput,
    }),
    choiceField({
      label: t("layer.activation"),
      owner,
      options: form.options.activations,
      value: layer.activation,
      pointer: `${pointer}/activation`,
      onChange: form.setter(layer, "activation"),
    }),
    initializerFields(form, layer, { pointer: `${pointer}/initializer`, owner }),
  ];
}

/**
 * @param {TrainForm} form
 * @param {Layer} layer
 * @param {{ pointer: string, owner: string }} place
 */
function initializerFields(form, layer, { pointer, owner }) {
  const { initializers } = form.options;
  const chosen = choiceNamed(initializers, layer.initializer.name);
  return [
    choiceField({
      label: t("layer.initializer"),
      owner,
      options: initializers.map(({ name }) => [name, name.replaceAll("_", " ")]),
      value: chosen.name,
      pointer,
      onChange: form.chooser(layer, "initializer", initializers),
    }),
    parameterFields(chosen, layer.initializer, pointer, () => form.showCurl(), owner),
  ];
}

/**
 * @param {TrainForm} form
 * @param {number} index
 */
function removeButton(form, index) {
  const label = t("layer.remove", { number: index + 1 });
  return button("×", () => removeLayer(form, index), {
    class: "quiet round remove",
    "aria-label": label,
    title: label,
  });
}
