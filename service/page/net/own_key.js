// @ts-check
// What the visitor's API key may do.

import { get } from "./api.js";

/**
 * The id of a key is null where the service needs none; such visitors may do everything.
 * @typedef {{ id: string | null, scopes: string[] }} OwnKey
 */

/**
 * @param {AbortSignal} signal
 * @returns {Promise<OwnKey>}
 */
export const ownKey = (signal) => get("v1/me", { signal });

/**
 * Whether a key has a scope; `admin` includes all others.
 * @param {OwnKey} key
 * @param {"train" | "admin"} scope
 */
export const hasScope = ({ scopes }, scope) => scopes.includes(scope) || scopes.includes("admin");
