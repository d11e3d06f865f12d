// @ts-check
// A button that saves the report of a run: one HTML file that opens offline.

import { request } from "../net/api.js";
import { announce, button } from "./dom.js";
import { requestError } from "./errors.js";
import { saveFile } from "./saving.js";
import { currentLanguage, t } from "./words.js";

/** @import { Job } from "../net/types.d.ts" */

/** @param {Job} job */
export function reportButton({ id, name }) {
  const save = async () => {
    try {
      const response = await request(`v1/jobs/${id}/report?language=${currentLanguage()}`);
      saveFile(await response.blob(), `${name || "run"}-${id}.html`);
    } catch (error) {
      announce(requestError(error));
    }
  };
  return button(t("watch.report"), save);
}
