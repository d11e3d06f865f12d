// @ts-check
// A random picture of MNIST's test set, which no network has trained on, with the digit that it shows.

import { get } from "./api.js";

/** @import { Dataset } from "./types.d.ts" */

const TEST_SET = "v1/datasets/mnist";

/**
 * @param {AbortSignal} signal
 * @returns {Promise<{ file: Blob, label: number }>}
 */
export async function randomTestDigit(signal) {
  const { test } = /** @type {Dataset} */ (await get(TEST_SET, { signal }));
  const index = Math.floor(Math.random() * test.samples);
  const { png, label } = await get(`${TEST_SET}/images/${index}`, { signal });
  return { file: pngFile(png), label };
}

/**
 * The file in a data URL; the page's security policy does not let `fetch` read it.
 * @param {string} url
 */
function pngFile(url) {
  const bytes = Uint8Array.from(atob(url.slice(url.indexOf(",") + 1)), (character) => character.charCodeAt(0));
  return new Blob([bytes], { type: "image/png" });
}
