// @ts-check
// A network as a picture: a column for each layer, which one adds, removes and sizes by hand. Its units light up with
// a drawing's activations, and lines and small images show its weights.

import { weightsOfPicture } from "../net/network.js";
import { afterPaint, Newest } from "../net/timing.js";
import { h, refill } from "../ui/dom.js";
import { number, wholePercent } from "../ui/format.js";
import { t } from "../ui/words.js";
import { NetworkCanvas } from "./network_canvas.js";
import { gap, inputColumn, layerColumn, newLayer } from "./network_columns.js";
import { inputImage, weightsImage } from "./network_images.js";
import { BODY_HEIGHT, PICTURE_GAP, ROW, rowsOf, shownUnits, topOf, UNITS_HEIGHT } from "./network_layout.js";
import { strongestLines } from "./network_lines.js";
import { networkTexts } from "./network_texts.js";
import { UnitDetails } from "./network_unit.js";

/**
 * @import { Layer, NetworkWeights, Options } from "../net/types.d.ts"
 * @import { ColumnPart } from "./network_columns.js"
 */

const INPUT_SIDE = 112;
/** Where the lamps of the outputs lie in their column. */
const OUTPUT_X = 14;

export class NetworkPicture {
  /** @type {ColumnPart[]} */
  #columns = [];
  /** @type {number[][] | null} */
  #activations = null;
  /** @type {NetworkWeights | null} */
  #weights = null;
  /** @type {() => void} */
  #changed;
  #isEditable;
  #isDrawn = false;
  #readings = new Newest();

  /**
   * An empty place; the picture is drawn there after the rest of the view can be seen and used.
   * @param {object} network
   * @param {Layer[]} network.layers The layers of a job's configuration.
   * @param {Options} network.options
   * @param {boolean} [network.isEditable] Whether layers can be changed by hand.
   * @param {(layers: Layer[]) => void} [network.onChange] Receives the layers after each change by hand.
   * @param {AbortSignal} network.signal
   */
  constructor({ layers, options, isEditable = true, onChange = () => {}, signal }) {
    this.#isEditable = isEditable;
    this.layers = structuredClone(layers);
    this.options = options;
    this.#changed = () => onChange(structuredClone(this.layers));
    this.canvas = new NetworkCanvas(signal);
    this.details = new UnitDetails(this.canvas, (place) => this.#describeUnit(place));
    this.stage = h("div", { class: "network-stage" });
    this.stage.style.setProperty("--body-height", `${BODY_HEIGHT}px`);
    this.scroller = h("div", { class: "network-scroll" }, this.stage);
    this.parameters = h("strong", {});
    this.formula = h("span", { class: "hint" });
    this.note = h("p", { class: "hint" });
    this.sentence = h("p", { class: "unseen" });
    const count = h("p", { class: "network-count" }, this.parameters, " ", this.formula);
    const parts = [this.scroller, count, this.note, this.sentence, this.details.element];
    this.element = h("div", { class: "network-picture" }, parts);
    afterPaint().then(() => signal.aborted || this.#draw(signal));
  }

  /** @param {AbortSignal} signal */
  #draw(signal) {
    this.#isDrawn = true;
    this.#rebuild();
    const observer = new ResizeObserver(() => this.#place());
    observer.observe(this.stage);
    signal.addEventListener("abort", () => observer.disconnect());
  }

  /** Whether layers can be changed by hand. */
  get isEditable() {
    return this.#isEditable;
  }

  set isEditable(value) {
    if (value === this.#isEditable) return;
    this.#isEditable = value;
    this.#rebuild();
  }

  /**
   * Shows other layers, such as those of a preset.
   * @param {Layer[]} layers
   */
  setLayers(layers) {
    if (JSON.stringify(layers) === JSON.stringify(this.layers)) return;
    this.layers = structuredClone(layers);
    this.#rebuild();
  }

  /**
   * Lights the units up. Outputs of another network than the one shown light nothing.
   * @param {number[][] | null} activations The outputs of each layer, as `explain=activations` returns them.
   * @param {ArrayLike<number> | number[][] | string | null} input The picture that the network read: 784 numbers from
   *     0 to 1, or the `trace` of a prediction.
   */
  async showActivations(activations, input) {
    this.#activations = activations;
    this.#showLight();
    const isNewest = this.#readings.start();
    const image = await inputImage(input).catch(() => null);
    if (!isNewest()) return;
    this.canvas.input.image = image;
    this.canvas.redraw();
  }

  /**
   * Shows weights, as `readNetwork` returns them. Those of another network than the one shown are not drawn.
   * @param {NetworkWeights | null} weights
   */
  showWeights(weights) {
    this.#weights = weights;
    this.#showWeights();
  }

  /** @param {number} index */
  addLayer(index) {
    this.layers.splice(index, 0, newLayer(this.options));
    this.#rebuild();
    this.scroller.scrollLeft = this.scroller.scrollWidth; // to the output, which the new layer may have pushed away
    this.#focus(`[data-pointer="/network/layers/${index}/units"]`);
    this.#changed();
  }

  /** @param {number} index */
  removeLayer(index) {
    this.layers.splice(index, 1);
    this.#rebuild();
    this.#focus(`[data-add="${index}"]`);
    this.#changed();
  }

  /** @param {string} selector */
  #focus(selector) {
    const element = this.stage.querySelector(selector);
    if (element instanceof HTMLElement) element.focus({ preventScroll: true });
  }

  #rebuild() {
    if (!this.#isDrawn) return;
    const editing = {
      layers: this.layers,
      options: this.options,
      isEditable: this.#isEditable,
      onSize: () => this.#resized(),
      addLayer: (/** @type {number} */ index) => this.addLayer(index),
      removeLayer: (/** @type {number} */ index) => this.removeLayer(index),
    };
    this.#columns = [inputColumn(), ...this.layers.map((_, index) => layerColumn(editing, index))];
    const parts = this.#columns.flatMap(({ element }, index) =>
      index === this.#columns.length - 1 ? [element] : [element, gap(editing, index)],
    );
    refill(this.stage, this.canvas.element, ...parts);
    this.#shown();
  }

  #resized() {
    this.#shown();
    this.#changed();
  }

  /** Draws the layers as they are now. */
  #shown() {
    for (const { refresh } of this.#columns) refresh();
    this.#place();
    this.#count();
    this.details.choose(null);
  }

  /** Puts the units where their columns are. */
  #place() {
    const stage = this.stage.getBoundingClientRect();
    if (!stage.width) return;
    const [input, ...layers] = this.#columns.map(({ body }) => body.getBoundingClientRect());
    const { canvas } = this;
    canvas.input.x = input.left - stage.left + input.width / 2;
    canvas.input.side = Math.min(INPUT_SIDE, input.width);
    canvas.outputWidth = layers[layers.length - 1].width - OUTPUT_X;
    canvas.columns = layers.map((box, index) => {
      const rows = rowsOf(this.layers[index].units);
      const isOutput = index === layers.length - 1;
      const x = box.left - stage.left + (isOutput ? OUTPUT_X : box.width / 2);
      return { x: index ? x : x + PICTURE_GAP / 2, top: topOf(rows), rows };
    });
    canvas.element.style.insetBlockStart = `${input.top - stage.top}px`;
    canvas.element.style.inlineSize = `${stage.width}px`;
    canvas.resize(stage.width);
    this.#columns.forEach(({ body }, index) => {
      const rows = index ? canvas.columns[index - 1].rows : 0;
      body.style.setProperty("--units-end", `${(UNITS_HEIGHT + rows * ROW) / 2}px`);
    });
    this.#showWeights();
    this.#showLight();
  }

  #count() {
    const { parameters, formula, sentence } = networkTexts(this.layers, this.options);
    this.parameters.textContent = parameters;
    this.formula.textContent = formula;
    this.sentence.textContent = sentence;
    this.details.name(sentence);
  }

  /** Whether weights belong to the layers shown. */
  get #fits() {
    const known = this.#weights?.layers.map(({ units, activation }) => `${units} ${activation}`);
    return known?.join() === this.layers.map(({ units, activation }) => `${units} ${activation}`).join();
  }

  #showWeights() {
    const { canvas } = this;
    const weights = this.#fits ? this.#weights : null;
    canvas.lines = this.layers.map((_, layer) => {
      const between = weights?.layers[layer].weights;
      return between ? strongestLines(between) : null;
    });
    canvas.pictures = (weights?.pictures ?? []).map((picture, row) =>
      weightsImage(weightsOfPicture(picture), canvas.pictures[row]),
    );
    this.note.textContent = this.#weights && !weights ? t("network.other") : t("network.lines");
    this.note.hidden = !this.#weights;
    canvas.redrawLines();
    this.details.refresh();
  }

  #showLight() {
    const outputs = this.#activationsOf(this.layers.length - 1);
    this.layers.forEach((_, layer) => {
      const all = this.#activationsOf(layer);
      const shown = this.#unitsOf(layer).map((unit) => all[unit] ?? 0);
      const largest = Math.max(...shown.map(Math.abs)) || 1;
      const brightness = shown.map((value) => value / largest);
      this.canvas.lightUp(layer, brightness);
    });
    const areShares = outputs.every((value) => value >= 0 && value <= 1);
    this.canvas.outputs = outputs.map((value) => (areShares ? wholePercent(value) : number(value, 3)));
    this.canvas.redraw();
    this.details.refresh();
  }

  /**
   * The outputs of a layer, or none where they belong to another network.
   * @param {number} layer
   * @returns {number[]}
   */
  #activationsOf(layer) {
    const fits = this.layers.every(({ units }, i) => this.#activations?.[i]?.length === units);
    return (fits && (this.#fits || !this.#weights) && this.#activations?.[layer]) || [];
  }

  /**
   * The numbers of the units shown of a layer.
   * @param {number} layer
   */
  #unitsOf(layer) {
    return (this.#fits && this.#weights?.layers[layer].shown) || shownUnits(this.layers[layer].units);
  }

  /** @param {import("./network_canvas.js").Place} place */
  #describeUnit({ layer, row }) {
    const unit = this.#unitsOf(layer)[row];
    const known = this.#fits ? this.#weights : null;
    const below = known?.layers[layer].weights ?? null;
    const above = known?.layers[layer + 1]?.weights ?? null;
    const named = (/** @type {number} */ other) => (/** @type {number | null} */ weight, /** @type {number} */ i) => ({
      weight,
      name: this.#nameOf(other, this.#unitsOf(other)[i]),
    });
    return {
      name: this.#nameOf(layer, unit),
      activation: this.#activationsOf(layer)[unit],
      bias: known?.layers[layer].biases[row],
      pixels: layer ? null : weightsOfPicture(known?.pictures?.[row]),
      incoming: (below ?? []).map((line) => line[row]).map(named(layer - 1)),
      outgoing: (above?.[row] ?? []).map(named(layer + 1)),
      below,
      above,
    };
  }

  /**
   * @param {number} layer
   * @param {number} unit
   */
  #nameOf(layer, unit) {
    if (layer === this.layers.length - 1) return t("network.digit", { digit: unit });
    return t("network.unit", { layer: layer + 1, unit: unit + 1, units: this.layers[layer].units });
  }
}
