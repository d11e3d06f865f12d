// @ts-check
// What teaching changed: how well each dataset is read before and after it, and a button that makes its result live.

import { get, send } from "../net/api.js";
import { readLive } from "../net/live_model.js";
import { hasScope } from "../net/own_key.js";
import { announce, button, errorLine, fill, h, scrollable } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { percent } from "../ui/format.js";
import { t } from "../ui/words.js";

/**
 * @import { OwnKey } from "../net/own_key.js"
 * @import { EpochPoint, Job, SetMetrics } from "../net/types.d.ts"
 */

const LIVE_ALIAS = "v1/models/digits/aliases/live";

export class TeachingResult {
  /** @type {Map<string, Promise<number | null>>} The accuracy on each dataset before the teaching. */
  before = new Map();
  /** @type {SetMetrics[]} The metrics on each dataset after the newest epoch. */
  sets = [];

  /**
   * @param {OwnKey} key
   * @param {AbortSignal} signal
   * @param {() => void} onUse Called once the result is the live version.
   */
  constructor(key, signal, onUse) {
    this.mayUse = hasScope(key, "admin");
    this.signal = signal;
    this.onUse = onUse;
    this.element = h("div", { class: "teaching-result", hidden: true });
  }

  clear() {
    this.sets = [];
    this.element.hidden = true;
  }

  /**
   * Asks how well the network reads each dataset before it learns.
   * @param {Job} job
   */
  readBefore({ init_from: start, datasets }) {
    this.before = new Map((datasets ?? []).map(({ name }) => [name, this.accuracyBefore(start, name)]));
  }

  /**
   * The accuracy of the checkpoint that the teaching starts from, or null where it cannot be had.
   * @param {string | null} checkpointId
   * @param {string} dataset
   */
  async accuracyBefore(checkpointId, dataset) {
    if (!checkpointId) return null;
    const path = `v1/checkpoints/${checkpointId}/evaluation?dataset=${dataset}`;
    const before = await get(path, { signal: this.signal }).catch(() => null);
    return before?.accuracy ?? null;
  }

  /** @param {EpochPoint} epoch */
  addEpoch({ sets }) {
    this.sets = sets ?? this.sets;
  }

  /**
   * Shows the result of a job that succeeded.
   * @param {Job} job
   */
  async show({ result }) {
    const rows = await Promise.all(this.sets.map(async (set) => row(set, await this.before.get(set.dataset))));
    const isLive = (await readLive(this.signal))?.version === result?.model_version;
    if (this.signal.aborted) return;
    fill(this.element, scrollable(t("teach.result"), table(rows)), this.nextStep(result?.model_version, isLive));
    this.element.hidden = false;
    announce(t("teach.ended"));
  }

  /**
   * A button that makes the result live, or a sentence where there is nothing to press.
   * @param {number | null | undefined} version
   * @param {boolean} isLive
   */
  nextStep(version, isLive) {
    const [error, message] = [errorLine(), h("p", { role: "status" })];
    if (isLive) return h("p", {}, t("teach.is_live", { version }));
    if (!this.mayUse) return h("p", {}, t("teach.ask_operator", { version }));
    const use = button(t("teach.use"), () => this.use(version, { error, message }), { class: "main", id: "use" });
    return [use, error, message];
  }

  /**
   * Points the alias `live` at the taught version.
   * @param {number | null | undefined} version
   * @param {{ error: HTMLElement, message: HTMLElement }} lines
   */
  async use(version, { error, message }) {
    error.textContent = "";
    try {
      await send("PUT", LIVE_ALIAS, { version });
      message.textContent = `${t("teach.is_live", { version })} ${t("teach.stays_live")}`;
      this.onUse();
    } catch (problem) {
      error.textContent = requestError(problem);
    }
  }
}

/** @param {Node[]} rows */
function table(rows) {
  const heads = ["set", "before", "after"].map((name) => h("th", { scope: "col" }, t(`teach.${name}`)));
  return h("table", { id: "teaching-sets" }, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows));
}

/**
 * @param {SetMetrics} set
 * @param {number | null | undefined} before
 */
function row({ dataset, split, samples, accuracy }, before) {
  const what = split === "test" ? "teach.test_pictures" : "teach.own_pictures";
  return h(
    "tr",
    { "data-set": dataset },
    h("th", { scope: "row" }, dataset, h("br"), h("span", { class: "hint" }, t(what, { samples }))),
    h("td", {}, percent(before)),
    h("td", {}, percent(accuracy)),
  );
}
