// @ts-check
// Follows a job's log over server-sent events and reconnects until the last entry has arrived.
// It uses fetch, because the browser's EventSource cannot send an API key. A hidden tab has no stream: a browser opens
// six connections to a host for all its tabs together, so that streams of hidden tabs would keep the visible one
// waiting.

import { isTemporary, Problem, request } from "./api.js";
import { hasEnded } from "./jobs.js";
import { pause } from "./outage.js";
import { untilHidden, untilVisible } from "./timing.js";

/**
 * @import { JobEvent } from "./types.d.ts"
 * @typedef {object} Listeners
 * @property {(events: JobEvent[]) => void} onEvents Receives each log entry once, in order.
 * @property {(connected: boolean) => void} onConnection Called when the connection is made or lost.
 * @property {AbortSignal} signal
 */

/** The service sends a comment every 15 seconds; after three missing ones the connection counts as lost. */
const SILENCE_MS = 45_000;

/**
 * Delivers a job's log from its first entry to its last; after a lost connection it continues where it stopped.
 * @param {string} jobId
 * @param {Listeners} listeners
 * @throws {Problem} The request itself is wrong, so that repeating it would not help.
 */
export async function followLog(jobId, listeners) {
  const position = { lastNumber: 0, failures: 0 };
  while (!listeners.signal.aborted) {
    await untilVisible();
    const signal = AbortSignal.any([listeners.signal, untilHidden()]);
    try {
      if (await readLog(jobId, position, { ...listeners, signal })) return;
    } catch (error) {
      if (signal.aborted) continue;
      if (error instanceof Problem && !isTemporary(error)) throw error;
    }
    listeners.onConnection(false);
    await pause(position.failures++, listeners);
  }
}

/**
 * Reads one connection to its end and returns whether the job's last entry arrived.
 * @param {string} jobId
 * @param {{ lastNumber: number, failures: number }} position
 * @param {Listeners} listeners
 */
async function readLog(jobId, position, { onEvents, onConnection, signal }) {
  const headers = { Accept: "text/event-stream", "Last-Event-ID": String(position.lastNumber) };
  const response = await request(`v1/jobs/${jobId}/events`, { headers, signal });
  onConnection(true);
  for await (const events of batchesOf(response)) {
    position.failures = 0;
    const fresh = events.filter(({ number }) => number > position.lastNumber);
    if (!fresh.length) continue;
    position.lastNumber = fresh[fresh.length - 1].number;
    onEvents(fresh);
    if (fresh.some(isLast)) return true;
  }
  return false;
}

/** @param {JobEvent} event */
const isLast = (event) => event.type === "status" && hasEnded(event.data);

/**
 * Yields the log entries of a response, grouped as they arrived.
 * @param {Response} response
 * @returns {AsyncGenerator<JobEvent[]>}
 */
async function* batchesOf({ body }) {
  if (!body) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const timeout = setTimeout(() => reader.cancel().catch(() => {}), SILENCE_MS);
    const { done, value } = await reader.read().finally(() => clearTimeout(timeout));
    if (done) return;
    const frames = (rest + value).split("\n\n");
    rest = frames.pop() ?? "";
    const events = frames
      .map(dataOf)
      .filter(Boolean)
      .map((data) => JSON.parse(data));
    if (events.length) yield events;
  }
}

/**
 * The data of one server-sent event; empty for a comment.
 * @param {string} frame
 */
function dataOf(frame) {
  const lines = frame.split("\n").filter((line) => line.startsWith("data: "));
  return lines.map((line) => line.slice("data: ".length)).join("\n");
}
