// @ts-check
// A table of the metrics of each epoch, newest first.

import { h, panel, scrollable } from "../ui/dom.js";
import { number, percent } from "../ui/format.js";
import { t } from "../ui/words.js";

/** @import { EpochPoint } from "../net/types.d.ts" */

const COLUMNS = ["epoch", "train_loss", "test_loss", "train_accuracy", "test_accuracy", "seconds"];

export class EpochTable {
  /** @type {EpochPoint | undefined} The newest epoch. */
  last;

  constructor() {
    this.body = h("tbody");
    const heads = COLUMNS.map((name) => h("th", { scope: "col" }, t(`metric.${name}`)));
    const table = h("table", { id: "epochs" }, h("thead", {}, h("tr", {}, heads)), this.body);
    this.element = panel(t("watch.epochs"), scrollable(t("watch.epochs"), table));
  }

  /** @param {EpochPoint} epoch */
  add(epoch) {
    this.last = epoch;
    const cells = [
      number(epoch.train_loss),
      number(epoch.test_loss),
      percent(epoch.train_accuracy),
      percent(epoch.test_accuracy),
      number(epoch.seconds, 2),
    ];
    const head = h("th", { scope: "row" }, number(epoch.epoch));
    this.body.prepend(
      h(
        "tr",
        {},
        head,
        cells.map((cell) => h("td", {}, cell)),
      ),
    );
  }
}
