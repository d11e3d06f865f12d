// @ts-check
// The controls of a network's picture: for each layer its size and its activation, and buttons to add and remove it.

import { withDefaults } from "../net/configuration.js";
import { nextSize, roundSize } from "../net/network.js";
import { parseNumber } from "../net/numbers.js";
import { button, h, select, uniqueId } from "../ui/dom.js";
import { t } from "../ui/words.js";

/**
 * @import { Layer, Options } from "../net/types.d.ts"
 *
 * What a column shows and does.
 * @typedef {object} ColumnPart
 * @property {HTMLElement} element
 * @property {HTMLElement} body The part that the canvas draws.
 * @property {() => void} refresh Shows the layer's size.
 *
 * What the controls may do with the network.
 * @typedef {object} Editing
 * @property {Layer[]} layers
 * @property {Options} options
 * @property {boolean} isEditable
 * @property {() => void} onSize Called after a size or an activation has changed.
 * @property {(index: number) => void} addLayer
 * @property {(index: number) => void} removeLayer
 */

/** By how many pixels the handle is drawn for twice as many units. */
const PIXELS_PER_DOUBLING = 24;

/**
 * The most units and layers that the API accepts.
 * @param {Options} options
 */
export const limitsOf = ({ limits }) => ({ units: limits.max_units, layers: limits.max_layers });

/**
 * A layer as it is added.
 * @param {Options} options
 * @returns {Layer}
 */
export function newLayer(options) {
  const initializer = withDefaults(options.initializers, "he_normal");
  return { units: Math.min(64, limitsOf(options).units), activation: "relu", initializer };
}

/** The column of the picture that the network reads. */
export function inputColumn() {
  const body = h("div", { class: "column-body" });
  const element = h(
    "div",
    { class: "network-column input" },
    h("div", { class: "column-head" }, t("network.input")),
    body,
    h("div", { class: "column-foot" }, h("span", { class: "hint" }, t("network.pixels"))),
  );
  return { element, body, refresh: () => {} };
}

/**
 * The column of a layer.
 * @param {Editing} editing
 * @param {number} index
 * @returns {ColumnPart}
 */
export function layerColumn(editing, index) {
  const isOutput = index === editing.layers.length - 1;
  const name = layerName(index, isOutput);
  const size = isOutput ? fixedSize(t("network.digits")) : sizeControls(editing, index, name);
  const body = h("div", { class: "column-body" }, size.handle);
  const remove = editing.isEditable && !isOutput && removeButton(editing, index, name);
  const element = h(
    "div",
    { class: `network-column${isOutput ? " output" : ""}`, role: "group", "aria-label": name },
    h("div", { class: "column-head" }, h("span", {}, name), remove),
    body,
    h("div", { class: "column-foot" }, size.element, activation(editing, index, name)),
  );
  return { element, body, refresh: size.refresh };
}

/**
 * The place between two columns, with a button that adds a layer there.
 * @param {Editing} editing
 * @param {number} index Of the new layer.
 */
export function gap(editing, index) {
  const { layers, options, isEditable } = editing;
  const label = t("network.add", { number: index + 1 });
  const add = button("+", () => editing.addLayer(index), {
    class: "round",
    "aria-label": label,
    title: label,
    "data-add": index,
  });
  add.disabled = layers.length >= limitsOf(options).layers;
  return h("div", { class: "network-gap" }, isEditable && add);
}

/**
 * @param {number} index
 * @param {boolean} isOutput
 */
const layerName = (index, isOutput) => (isOutput ? t("network.output") : t("network.hidden", { number: index + 1 }));

/** @param {string} text */
const fixedSize = (text) => ({ element: h("span", { class: "hint" }, text), handle: null, refresh: () => {} });

/**
 * @param {Editing} editing
 * @param {number} index
 * @param {string} name
 */
function sizeControls(editing, index, name) {
  const layer = editing.layers[index];
  const most = limitsOf(editing.options).units;
  const text = h("span", { class: "hint", hidden: editing.isEditable });
  const error = h("span", { class: "trouble", id: uniqueId("error"), role: "alert" });
  const field = h("input", {
    type: "text",
    inputMode: "numeric",
    autocomplete: "off",
    "aria-label": t("network.units_of", { name }),
    "aria-describedby": error.id,
    "data-pointer": `/network/layers/${index}/units`,
    oninput: (event) => resize(parseNumber(event.target.value.trim(), { isWhole: true })),
  });
  const resize = (/** @type {any} */ units) => {
    layer.units = units;
    editing.onSize();
  };
  const step = (/** @type {1 | -1} */ direction) => resize(nextSize(wholeUnits(layer, most), direction, most));
  const fewer = button("−", () => step(-1), { class: "round", "aria-label": t("network.fewer", { name }) });
  const more = button("+", () => step(1), { class: "round", "aria-label": t("network.more", { name }) });
  const refresh = () => {
    const isRight = isWholeUnits(layer.units, most);
    if (document.activeElement !== field) field.value = String(layer.units ?? "");
    field.setAttribute("aria-invalid", String(!isRight));
    error.textContent = isRight ? "" : t("network.units_range", { most });
    text.textContent = t("network.units", { units: layer.units });
  };
  refresh();
  const buttons = h("div", { class: "network-steps" }, fewer, more);
  const handle = editing.isEditable ? sizeHandle(() => wholeUnits(layer, most), resize, most) : null;
  const element = h("div", { class: "size" }, text, ...(editing.isEditable ? [field, buttons, error] : []));
  return { element, handle, refresh };
}

/**
 * Whether the API accepts so many units.
 * @param {unknown} units
 * @param {number} most
 */
export const isWholeUnits = (units, most) => Number.isInteger(units) && Number(units) >= 1 && Number(units) <= most;

/**
 * @param {Layer} layer
 * @param {number} most
 */
const wholeUnits = ({ units }, most) => (isWholeUnits(units, most) ? units : 1);

/**
 * Below the units, to be drawn down for more of them. The buttons and the field do the same for keyboards.
 * @param {() => number} units
 * @param {(units: number) => void} resize
 * @param {number} most
 */
function sizeHandle(units, resize, most) {
  /** @type {{ y: number, units: number } | null} */
  let start = null;
  const move = (/** @type {PointerEvent} */ event) => {
    if (!start) return;
    const factor = 2 ** ((event.clientY - start.y) / PIXELS_PER_DOUBLING);
    const wanted = Math.min(most, Math.max(1, roundSize(start.units * factor)));
    if (wanted !== units()) resize(wanted);
  };
  const handle = h("div", {
    class: "size-handle",
    "aria-hidden": "true",
    title: t("network.drag"),
    onpointerdown: (event) => {
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      start = { y: event.clientY, units: units() };
    },
    onpointermove: move,
    onlostpointercapture: () => {
      start = null;
    },
  });
  return handle;
}

/**
 * @param {Editing} editing
 * @param {number} index
 * @param {string} name
 */
function activation(editing, index, name) {
  const layer = editing.layers[index];
  if (!editing.isEditable) return h("span", { class: "hint" }, layer.activation);
  const change = (/** @type {string} */ chosen) => {
    layer.activation = chosen;
    editing.onSize();
  };
  const label = t("network.activation_of", { name });
  const pointer = `/network/layers/${index}/activation`;
  return select(editing.options.activations, layer.activation, change, {
    "aria-label": label,
    "data-pointer": pointer,
  });
}

/**
 * @param {Editing} editing
 * @param {number} index
 * @param {string} name
 */
function removeButton(editing, index, name) {
  const label = t("network.remove", { name });
  return button("×", () => editing.removeLayer(index), { class: "quiet round", "aria-label": label, title: label });
}
