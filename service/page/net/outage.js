// @ts-check
// Notices that the service does not respond, and asks again until it does. It raises the events `outage` and
// `serviceback` on the window: a view that is shown reads again what it shows, and keeps what the visitor has typed.

import { untilVisible } from "./timing.js";

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;

/** The service's answer about itself: 200 once its database and its storage respond. */
const READY_PATH = "health/ready";

/** A proxy's answers when it cannot reach the service. */
const PROXY_STATUSES = [502, 503, 504];

let isDown = false;
/** How often the service has failed since it last worked for a while. */
let failures = 0;
let backAt = -Number.MAX_VALUE;

/**
 * Whether a response says that the whole service is unavailable, and not only what was asked for.
 * @param {{ status: number, code: string }} problem
 */
export const meansOutage = ({ status, code }) =>
  PROXY_STATUSES.includes(status) && (code === "" || code === "unavailable");

/** Called for each request that found the service unavailable. */
export async function reportOutage() {
  if (isDown) return;
  isDown = true;
  if (performance.now() - backAt > LONGEST_PAUSE_MS) failures = 0;
  dispatchEvent(new Event("outage"));
  do await pause(failures++);
  while (!(await isReady()));
  isDown = false;
  backAt = performance.now();
  dispatchEvent(new Event("serviceback"));
}

const isReady = () =>
  fetch(READY_PATH, { cache: "no-store" }).then(
    ({ ok }) => ok,
    () => false,
  );

/** Ends all pauses, so that what waits is tried at once. */
export const tryNow = () => dispatchEvent(new Event("trynow"));

/**
 * Waits before the next try, twice as long after each failure. It ends early when the browser comes online, the tab
 * becomes visible, the service is back, or the visitor wants it.
 * @param {number} failed How many tries have failed before.
 * @param {{ signal?: AbortSignal, isAutomatic?: boolean }} [options] Without *isAutomatic* only the visitor ends it.
 */
export async function pause(failed, { signal, isAutomatic = true } = {}) {
  const ended = new AbortController();
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** failed, LONGEST_PAUSE_MS);
  await new Promise((resolve) => {
    const once = { signal: ended.signal };
    addEventListener("trynow", resolve, once);
    signal?.addEventListener("abort", resolve, once);
    if (!isAutomatic) return;
    addEventListener("online", resolve, once);
    addEventListener("serviceback", resolve, once);
    document.addEventListener("visibilitychange", () => document.hidden || resolve(null), once);
    const timer = setTimeout(() => untilVisible().then(resolve), pauseMs);
    ended.signal.addEventListener("abort", () => clearTimeout(timer));
  });
  ended.abort();
}
