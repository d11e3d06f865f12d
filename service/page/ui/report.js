// @ts-check
// A button that saves the report of a run or of an experiment: one HTML file that opens offline.

import { request } from "../net/api.js";
import { announce, button } from "./dom.js";
import { requestError } from "./errors.js";
import { saveFile } from "./saving.js";
import { currentLanguage, t } from "./words.js";

/** @param {string} path The address of the run or the experiment. */
export function reportButton(path) {
  const save = async () => {
    try {
      const response = await request(`${path}/report?language=${currentLanguage()}`);
      const name = /filename="(.+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
      saveFile(await response.blob(), name ?? "report.html");
    } catch (error) {
      announce(requestError(error));
    }
  };
  return button(t("report.save"), save, { id: "save-report" });
}
