// @ts-check
// Sends what happens in a run to screen readers, seldom enough to be listened to.

import { announce } from "./dom.js";
import { percent } from "./format.js";
import { t } from "./words.js";

/** @import { EpochPoint } from "../net/types.d.ts" */

/** At least so long between two announcements. */
const PAUSE_MS = 6000;

/** Of several epochs in a pause only the newest is announced; warnings wait with it, and an end never waits. */
export class Announcements {
  #newest = "";
  /** @type {string[]} */
  #warnings = [];
  #quietUntil = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {AbortSignal} signal Ends the announcements; what waits is dropped. */
  constructor(signal) {
    this.signal = signal;
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  /**
   * Announces a sentence, or a newer one in its place.
   * @param {string} text
   */
  say(text) {
    this.#newest = text;
    this.#schedule();
  }

  /**
   * Announces a sentence that no newer one replaces.
   * @param {string} text
   */
  warn(text) {
    this.#warnings.push(text);
    this.#schedule();
  }

  /**
   * Announces a sentence at once, after the warnings that wait; an epoch that waits is old then.
   * @param {string} text
   */
  end(text) {
    this.#newest = text;
    this.#speak();
  }

  #schedule() {
    if (this.#timer !== undefined || this.signal.aborted) return;
    this.#timer = setTimeout(() => this.#speak(), Math.max(0, this.#quietUntil - performance.now()));
  }

  #speak() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.signal.aborted) return;
    announce([...this.#warnings, this.#newest].filter(Boolean).join(" "));
    this.#warnings = [];
    this.#newest = "";
    this.#quietUntil = performance.now() + PAUSE_MS;
  }
}

/**
 * What an epoch has reached, in a sentence.
 * @param {EpochPoint} epoch
 */
export const epochSentence = ({ epoch, train_loss: loss, test_accuracy: accuracy }) =>
  t("watch.announce", { epoch, loss: loss ?? NaN, share: percent(accuracy) });
