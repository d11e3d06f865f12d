// @ts-check
// When requests are made: at intervals, one at a time, and so that only the newest response counts.

/**
 * Repeats an action until *signal* aborts; skips it while the tab is hidden.
 * @param {number} intervalMs
 * @param {() => void} action
 * @param {AbortSignal} signal
 */
export function repeat(intervalMs, action, signal) {
  const timer = setInterval(() => document.hidden || action(), intervalMs);
  signal.addEventListener("abort", () => clearInterval(timer));
}

/** Resolves once the tab is visible. */
export async function untilVisible() {
  while (document.hidden) {
    await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
  }
}

/** Resolves once the browser has shown what the page has by now. */
export async function afterPaint() {
  await new Promise(requestAnimationFrame);
  await new Promise((resolve) => setTimeout(resolve));
}

/** A signal that aborts once the tab is hidden. */
export function untilHidden() {
  const controller = new AbortController();
  document.addEventListener("visibilitychange", () => controller.abort(), { once: true });
  return controller.signal;
}

/**
 * An action that never runs twice at once. All calls made during a run lead to one more run after it.
 * @param {() => Promise<void>} action
 */
export function oneAtATime(action) {
  let running = false;
  let wanted = false;
  return async () => {
    wanted = true;
    if (running) return;
    running = true;
    try {
      while (wanted) {
        wanted = false;
        await action();
      }
    } finally {
      running = false;
    }
  };
}

/** Marks the newest of several overlapping requests, so that an older response is dropped. */
export class Newest {
  #count = 0;

  /** Starts a request and returns a function that answers whether it is still the newest. */
  start() {
    const number = ++this.#count;
    return () => number === this.#count;
  }
}
