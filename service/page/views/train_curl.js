// @ts-check
// The form's request as a curl command, with a button that copies it.

import { codeSection } from "../ui/code_section.js";
import { t } from "../ui/words.js";

/** @param {HTMLElement} command */
export const curlSection = (command) => codeSection(t("train.curl"), command);
