// @ts-check
// The request that trains the same run again, as a curl command and as a Python program.

import { get, storedKey } from "../net/api.js";
import { curlCommand } from "../net/configuration.js";
import { bodyOf } from "../net/job_body.js";
import { pythonProgram } from "../net/python.js";
import { codeSection } from "../ui/code_section.js";
import { errorLine, h } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { t } from "../ui/words.js";

/** @import { Job } from "../net/types.d.ts" */

/**
 * A folded section; it asks for the presets, which the request names, when it is opened.
 * @param {() => Job} job The job as it is now.
 * @param {AbortSignal} signal
 */
export function codeDetails(job, signal) {
  const [curl, python] = [h("code", { id: "curl" }), h("code", { id: "python" })];
  const error = errorLine();
  const ontoggle = async (/** @type {any} */ event) => {
    if (!event.target.open) return;
    error.textContent = "";
    try {
      const body = bodyOf(job(), await get("v1/options", { signal }));
      curl.textContent = curlCommand(body, { withKey: Boolean(storedKey()), path: "v1/jobs" });
      python.textContent = pythonProgram(body);
    } catch (problem) {
      if (!signal.aborted) error.textContent = requestError(problem);
    }
  };
  const sections = [codeSection(t("code.curl"), curl), codeSection(t("code.python"), python)];
  return h("details", { class: "code", id: "code", ontoggle }, h("summary", {}, t("code.title")), error, sections);
}
