// @ts-check
// The heading of a run: its name, and a small form to give it another.

import { changeRun, NAME_LENGTH } from "../net/runs.js";
import { button, errorLine, fill, h } from "../ui/dom.js";
import { textField } from "../ui/fields.js";
import { submitForm } from "../ui/form_errors.js";
import { nameOf } from "../ui/jobs.js";
import { t } from "../ui/words.js";

/** @import { Job } from "../net/types.d.ts" */

export class RunName {
  /**
   * @param {Job} job
   * @param {(job: Job) => void} onChange Receives the job with its new name.
   */
  constructor(job, onChange) {
    this.job = job;
    this.onChange = onChange;
    this.title = h("h1", { id: "run-name" });
    this.place = h("span");
    this.element = h("div", { class: "run-name" }, this.title, this.place);
    this.showButton();
  }

  /** @param {Job} job */
  show(job) {
    this.job = job;
    this.title.textContent = nameOf(job);
  }

  /** The name with a button that changes it. */
  showButton() {
    this.show(this.job);
    this.title.hidden = false;
    fill(
      this.place,
      button(t("rename"), () => this.edit(), { class: "quiet", id: "rename" }),
    );
  }

  /** Replaces the name with a form. */
  edit() {
    let { name } = this.job;
    const error = errorLine();
    const form = h("form", { class: "rates", noValidate: true, onkeydown: (event) => this.endOnEscape(event) });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submitForm(form, error, () => this.save(name));
    });
    const onChange = (/** @type {string | null} */ value) => {
      name = value;
    };
    const field = textField({ label: t("run.name"), value: name, pointer: "/name", onChange, maxLength: NAME_LENGTH });
    const cancel = button(t("rename.cancel"), () => this.end());
    this.title.hidden = true;
    fill(this.place, fill(form, field, h("button", {}, t("rename.save")), cancel, error));
    form.querySelector("input")?.select();
  }

  /** @param {string | null} name */
  async save(name) {
    this.job = await changeRun(this.job.id, { name });
    this.end();
    this.onChange(this.job);
  }

  /** @param {KeyboardEvent} event */
  endOnEscape(event) {
    if (event.key === "Escape") this.end();
  }

  end() {
    this.showButton();
    this.place.querySelector("button")?.focus();
  }
}
