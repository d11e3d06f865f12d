// Speaks with the service: JSON there and back, and a log that is followed for as long as it grows.

const KEY = "naivenet.key";

/** What the service said was wrong: RFC 9457. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `HTTP ${status}`);
    this.status = status;
    this.code = body.code;
    this.errors = body.errors || [];
  }
}

/** Nobody answered. */
export class Away extends Error {}

/** The key that requests carry, for services that ask for one. */
export const keptKey = () => sessionStorage.getItem(KEY) || "";
export const keepKey = (key) => sessionStorage.setItem(KEY, key);

function headers(more = {}) {
  return keptKey() ? { Authorization: `Bearer ${keptKey()}`, ...more } : more;
}

/** The answer to a request; a failure is a `Problem`, or `Away`. */
async function ask(path, options) {
  const response = await fetch(path, options).catch((error) => { throw error.name === "AbortError" ? error : new Away(error.message); });
  if (response.ok) return response;
  const body = await response.json().catch(() => ({}));
  if (response.status === 401) dispatchEvent(new CustomEvent("keywanted"));
  throw new Problem(response.status, body);
}

/** The answer, as it is. */
export const getAnswer = (path, options = {}) => ask(path, { ...options, headers: headers() });

/** The answer's JSON. */
export const get = async (path, options = {}) => (await getAnswer(path, options)).json();

/** The answer's bytes. */
export const getBytes = async (path) => (await getAnswer(path)).arrayBuffer();

/** Sends JSON, or nothing; the answer's JSON. */
export async function send(method, path, body) {
  const options = { method, headers: headers(body === undefined ? {} : { "Content-Type": "application/json" }) };
  if (body !== undefined) options.body = JSON.stringify(body);
  return (await ask(path, options)).json();
}

/** Sends a picture as it is; the answer's JSON. */
export async function sendPicture(path, blob, signal) {
  const options = { method: "POST", headers: headers({ "Content-Type": blob.type }), body: blob, signal };
  return (await ask(path, options)).json();
}

/**
 * Follows a job's log from its first entry to its last; comes back where it broke, and gives each entry once.
 * `heard(events)` is called with a batch, `connected(boolean)` when the connection comes or goes.
 */
export async function follow(jobId, { heard, connected, signal }) {
  let after = 0;
  let pause = 250;
  while (!signal.aborted) {
    try {
      const stream = await ask(`v1/jobs/${jobId}/events`, {
        headers: headers({ Accept: "text/event-stream", "Last-Event-ID": String(after) }), signal,
      });
      connected(true);
      for await (const events of batches(stream.body)) {
        pause = 250;
        const fresh = events.filter((event) => event.number > after);
        if (!fresh.length) continue;
        after = fresh.at(-1).number;
        heard(fresh);
        if (fresh.some(isLast)) return;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Problem && error.status < 500 && error.status !== 429) throw error;
    }
    connected(false);
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 2, 5000);
  }
}

/** After so much silence a connection is given up: the service says every 15 seconds that it is there. */
const SILENCE_MS = 45_000;

const isLast = ({ type, data }) => type === "status" && ["succeeded", "failed", "cancelled"].includes(data.status);

/** The events of a stream, as many at a time as came together. */
async function* batches(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let heard;
  try {
    for (;;) {
      clearTimeout(heard);
      heard = setTimeout(() => reader.cancel().catch(() => {}), SILENCE_MS);
      const { done, value } = await reader.read();
      if (done) return;
      const frames = (rest + value).split("\n\n");
      rest = frames.pop();
      const events = frames.map(dataOf).filter(Boolean).map((data) => JSON.parse(data));
      if (events.length) yield events;
    }
  } finally {
    clearTimeout(heard);
  }
}

const dataOf = (frame) => frame.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6)).join("\n");
