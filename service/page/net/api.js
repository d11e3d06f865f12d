// @ts-check
// Requests to the API: JSON, bytes and images, with the visitor's API key and with errors as exceptions.

import { meansOutage, reportOutage } from "./outage.js";

/** @import { FieldError } from "./types.d.ts" */

const KEY = "naivenet.key";

/** An error response of the API, as problem details (RFC 9457). */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {{ title?: string, detail?: string, code?: string, errors?: FieldError[] }} body
   */
  constructor(status, body) {
    super(body.detail || body.title || `HTTP ${status}`);
    this.status = status;
    this.code = body.code ?? "";
    this.errors = body.errors ?? [];
  }
}

/** The service could not be reached. */
export class Unreachable extends Error {}

/**
 * Whether the same request may succeed later.
 * @param {unknown} error
 */
export const isTemporary = (error) =>
  error instanceof Unreachable || (error instanceof Problem && (error.status >= 500 || error.status === 429));

/** The API key of this tab, or an empty string. */
export const storedKey = () => sessionStorage.getItem(KEY) || "";

/** @param {string} key */
export const storeKey = (key) => sessionStorage.setItem(KEY, key);

/** @type {Map<string, Promise<Response>>} Responses that nothing has read yet, by the path of their requests. */
const early = new Map();

/**
 * Sends a request whose response the first view will read, so that it does not wait for the words of the page.
 * @param {string} path
 */
export function requestEarly(path) {
  const response = fetch(path, { headers: ownHeaders() });
  response.catch(() => {}); // the view reports it
  early.set(path, response);
}

const ownHeaders = () => ({
  "Accept-Language": document.documentElement.lang,
  ...(storedKey() && { Authorization: `Bearer ${storedKey()}` }),
});

/**
 * Sends a request with the API key, in the page's language. A status of 401 also raises the event `keywanted`, which
 * opens the key dialog.
 * @param {string} path
 * @param {RequestInit & { headers?: Record<string, string> }} [options]
 * @returns {Promise<Response>}
 * @throws {Problem | Unreachable}
 */
export async function request(path, { headers = {}, ...options } = {}) {
  const sent = early.get(path) ?? fetch(path, { ...options, headers: { ...headers, ...ownHeaders() } });
  early.delete(path);
  const response = await sent.catch(throwUnreachable);
  if (response.ok) return response;
  const body = await response.json().catch(() => ({}));
  if (response.status === 401) dispatchEvent(new CustomEvent("keywanted"));
  const problem = new Problem(response.status, body);
  if (meansOutage(problem)) reportOutage();
  throw problem;
}

/**
 * Reports that the service cannot be reached, and throws that; a request that was aborted is no outage.
 * @param {Error} error
 * @returns {never}
 */
export function throwUnreachable(error) {
  if (error.name === "AbortError") throw error;
  reportOutage();
  throw new Unreachable(error.message);
}

/**
 * Reads JSON.
 * @param {string} path
 * @param {{ signal?: AbortSignal }} [options]
 * @returns {Promise<any>}
 */
export const get = async (path, options) => (await request(path, options)).json();

/**
 * Reads bytes.
 * @param {string} path
 */
export const getBytes = async (path) => (await request(path)).arrayBuffer();

/**
 * Sends JSON, or an empty body, and returns the JSON of the response.
 * @param {"POST" | "PATCH" | "PUT"} method
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<any>}
 */
export async function send(method, path, body) {
  const json = body && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return (await request(path, { method, ...json })).json();
}

/**
 * Sends an image file unchanged and returns the JSON of the response.
 * @param {string} path
 * @param {Blob} image
 * @param {AbortSignal} signal
 * @returns {Promise<any>}
 */
export async function sendImage(path, image, signal) {
  const headers = { "Content-Type": image.type };
  return (await request(path, { method: "POST", headers, body: image, signal })).json();
}
