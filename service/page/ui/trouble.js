// What went wrong, in the reader's language: by its code where the dictionary knows it, else as the service said it.

import { Away, Problem } from "../net/api.js";
import { has, t } from "./words.js";

/** Why the service did not do what it was asked. */
export function refusal(error) {
  if (error instanceof Away) return t("trouble.away");
  return error instanceof Problem ? worded(`problem.${error.code}`, error) : error.message;
}

/** What is wrong with a field of a form. */
export const wrong = (error) => worded(`wrong.${error.code}`, error);

/** Why a job failed, or lost its worker. */
export const failure = (error) => worded(`failure.${error.code}`, error);

const worded = (name, { parameters, message }) => (has(name) ? t(name, parameters) : message);
