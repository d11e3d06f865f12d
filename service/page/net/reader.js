// @ts-check
// Asks the service what a picture shows: again while it is drawn, but not too often, and again after an outage.

import { Problem, sendImage, Unreachable } from "./api.js";

/** @import { Prediction } from "./types.d.ts" */

/** The shortest time between two requests for one picture; it grows with each, so that twenty last for a digit. */
const FIRST_GAP_MS = 150;
const LONGEST_GAP_MS = 1000;
const GROWTH = 1.2;

/** After so many requests, a picture is read only when the pen has rested. */
const MOST_WHILE_DRAWING = 19;
const REST_MS = 1500;

const SLOW_MS = 300;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;

/** Too many requests, or a service that does not answer at the moment. */
const TEMPORARY = [429, 502, 503, 504];

/**
 * @typedef {object} Reading
 * @property {() => string | null} path The API's path for a prediction, or null where nothing can answer.
 * @property {() => Promise<Blob> | null} image The picture, or null where there is none.
 * @property {(answer: Prediction) => void} onAnswer
 * @property {(error: unknown) => void} onError The reader repeats the request by itself, if that can help.
 * @property {() => void} onSlow Called where an answer takes long.
 */

export class Reader {
  #requests = 0;
  #failures = 0;
  #lastStart = 0;
  #isWanted = false;
  #timer = 0;
  /** @type {AbortController | null} The request that runs. */
  #running = null;
  /** @type {string | null} Its path. */
  #path = null;

  /**
   * @param {Reading} reading
   * @param {AbortSignal} signal
   */
  constructor(reading, signal) {
    this.reading = reading;
    this.signal = signal;
    addEventListener("online", () => this.#failures && this.begin(), { signal });
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  /** Reads another picture than before, or the same by another network: an earlier answer is of no use any more. */
  begin() {
    this.#requests = this.#failures = this.#lastStart = 0;
    this.#running?.abort();
    this.#running = null;
    this.read();
  }

  /** Reads a picture that has changed: at the latest after the gap, and always as it is at the end. */
  read() {
    this.#isWanted = true;
    this.#schedule();
  }

  /** Reads the same picture again, because the network has newer weights or another network answers from now on. */
  again() {
    if (this.#running && this.#path !== this.reading.path()) this.begin();
    else if (!this.#isWanted && !this.#running) this.#ask();
  }

  #schedule() {
    clearTimeout(this.#timer);
    if (this.#running || this.signal.aborted) return;
    this.#timer = setTimeout(() => this.#askCounted(), this.#delay());
  }

  #delay() {
    if (this.#failures) return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.#failures - 1));
    if (this.#requests >= MOST_WHILE_DRAWING) return REST_MS;
    const gap = Math.min(LONGEST_GAP_MS, FIRST_GAP_MS * GROWTH ** this.#requests);
    return Math.max(0, this.#lastStart + gap - performance.now());
  }

  #askCounted() {
    this.#requests += 1;
    this.#isWanted = false;
    this.#lastStart = performance.now();
    return this.#ask();
  }

  async #ask() {
    const [path, image] = [this.reading.path(), this.reading.image()];
    if (!path || !image) return;
    const running = new AbortController();
    this.#running = running;
    this.#path = path;
    const slow = setTimeout(() => this.#running === running && this.reading.onSlow(), SLOW_MS);
    try {
      const answer = await sendImage(path, await image, AbortSignal.any([this.signal, running.signal]));
      if (this.#running === running) this.#receive(answer);
    } catch (error) {
      if (this.#running === running && !this.signal.aborted) this.#fail(error);
    } finally {
      clearTimeout(slow);
      if (this.#running === running) this.#end();
    }
  }

  /** @param {Prediction} answer */
  #receive(answer) {
    this.#failures = 0;
    this.reading.onAnswer(answer);
  }

  /** @param {unknown} error */
  #fail(error) {
    const mayPass = error instanceof Unreachable || (error instanceof Problem && TEMPORARY.includes(error.status));
    this.#failures = mayPass ? this.#failures + 1 : 0;
    this.#isWanted ||= mayPass;
    this.reading.onError(error);
  }

  #end() {
    this.#running = null;
    if (this.#isWanted) this.#schedule();
  }
}
