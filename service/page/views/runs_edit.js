// @ts-check
// The form in a row of the table of runs that changes the run's name and note.

import { changeRun, NAME_LENGTH, NOTE_LENGTH, noteOf } from "../net/runs.js";
import { button, errorLine, h, labelled } from "../ui/dom.js";
import { requestError } from "../ui/errors.js";
import { nameOf } from "../ui/jobs.js";
import { t } from "../ui/words.js";

/** @import { Job } from "../net/types.d.ts" */

/**
 * @param {Job} job
 * @param {(changed: Job | null) => void} close Called with the changed job, or with null where nothing was changed.
 */
export function editForm(job, close) {
  const name = h("input", { type: "text", value: job.name ?? "", maxLength: NAME_LENGTH, placeholder: nameOf(job) });
  const note = h("input", { type: "text", value: noteOf(job), maxLength: NOTE_LENGTH });
  const error = errorLine();
  const onsubmit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const metadata = { note: note.value.trim() || null };
    try {
      close(await changeRun(job.id, { name: name.value.trim() || null, metadata }));
    } catch (failure) {
      error.textContent = requestError(failure);
    }
  };
  const onkeydown = (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && close(null);
  return h(
    "form",
    { class: "edit-run", onsubmit, onkeydown },
    labelled(t("runs.name.of", { name: nameOf(job) }), name),
    labelled(t("runs.note"), note),
    error,
    h(
      "div",
      { class: "buttons" },
      h("button", {}, t("runs.save")),
      button(t("runs.discard"), () => close(null), { class: "quiet" }),
    ),
  );
}
