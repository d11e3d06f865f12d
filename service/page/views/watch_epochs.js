// @ts-check
// A table of the metrics of each epoch, newest first.

import { fill, h, panel, scrollable } from "../ui/dom.js";
import { fixed, measuredDecimals, number, percent } from "../ui/format.js";
import { term } from "../ui/term.js";
import { t } from "../ui/words.js";

/** @import { EpochPoint } from "../net/types.d.ts" */

const COLUMNS = ["epoch", "train_loss", "test_loss", "train_accuracy", "test_accuracy", "seconds"];

export class EpochTable {
  /** @type {EpochPoint | undefined} The newest epoch. */
  last;
  /** @type {EpochPoint[]} */
  epochs = [];
  /** Digits after the decimal point of each loss. */
  #decimals = 0;

  constructor() {
    this.body = h("tbody");
    const heads = COLUMNS.map((name) => h("th", { scope: "col", class: "number" }, t(`metric.${name}`)));
    const table = h("table", { id: "epochs" }, h("thead", {}, h("tr", {}, heads)), this.body);
    this.element = panel(term("epoch", t("watch.epochs")), scrollable(t("watch.epochs"), table));
  }

  /** @param {EpochPoint} epoch */
  add(epoch) {
    this.last = epoch;
    this.epochs.unshift(epoch);
    const decimals = measuredDecimals([epoch.train_loss, epoch.test_loss]);
    if (decimals <= this.#decimals) return this.body.prepend(this.#row(epoch));
    this.#decimals = decimals;
    fill(
      this.body,
      this.epochs.map((each) => this.#row(each)),
    );
  }

  /** @param {EpochPoint} epoch */
  #row(epoch) {
    const cells = [
      fixed(epoch.train_loss, this.#decimals),
      fixed(epoch.test_loss, this.#decimals),
      percent(epoch.train_accuracy, 2),
      percent(epoch.test_accuracy, 2),
      fixed(epoch.seconds, 2),
    ];
    const head = h("th", { scope: "row", class: "number" }, number(epoch.epoch));
    return h(
      "tr",
      {},
      head,
      cells.map((cell) => h("td", { class: "number" }, cell)),
    );
  }
}
