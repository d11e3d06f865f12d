// @ts-check
// Error messages in the visitor's language: translated by their code, else as the service wrote them.

import { Problem, Unreachable } from "../net/api.js";
import { hasSentence, t } from "./words.js";

/** @import { CodedError } from "../net/types.d.ts" */

/**
 * Why a request failed.
 * @param {any} error
 * @returns {string}
 */
export function requestError(error) {
  if (error instanceof Unreachable) return t("error.unreachable");
  if (!(error instanceof Problem)) return error.message;
  if (!error.code && error.status >= 500) return t("error.proxy", { status: error.status });
  const [field] = error.code === "invalid_image" ? error.errors : [];
  return field && hasSentence(`field_error.${field.code}`) ? fieldError(field) : translated("problem", error);
}

/**
 * What is wrong with one field of a form.
 * @param {CodedError} error
 */
export const fieldError = (error) => [translated("field_error", error), ...hints(error)].join(" ");

/**
 * What the visitor may have meant; in English the service's message says it already.
 * @param {CodedError} error
 */
const hints = ({ parameters = {} }) =>
  Object.keys(parameters)
    .map((name) => `hint.${name}`)
    .filter(hasSentence)
    .map((key) => t(key, parameters));

/**
 * Why a job failed or lost its worker.
 * @param {CodedError} error
 */
export const jobFailure = (error) => translated("failure", error);

/**
 * @param {string} kind
 * @param {CodedError} error
 */
function translated(kind, { code, message, parameters }) {
  const key = `${kind}.${code}`;
  return hasSentence(key) ? t(key, parameters) : message;
}
