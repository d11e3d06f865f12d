// @ts-check
// The few settings of the Learn view; all others are in Train, with the same configuration.

import { presetConfiguration } from "../net/configuration_address.js";
import { fill, h } from "../ui/dom.js";
import { numberField } from "../ui/fields.js";
import { openingSelect } from "../ui/opening_select.js";
import { t } from "../ui/words.js";

/** @import { Draft } from "../net/draft.js" */

export class LearnSettings {
  /**
   * @param {Draft} draft
   * @param {() => void} onChange
   */
  constructor(draft, onChange) {
    this.draft = draft;
    this.onChange = onChange;
    this.fields = h("div", { class: "fields" });
    this.experiment = h("p", { class: "hint", id: "is-experiment" }, t("learn.experiment"));
    const all = h("a", { class: "button", href: "#/train", id: "all-settings" }, t("learn.all_settings"));
    const title = h("h2", {}, t("learn.settings"));
    this.element = h("section", { class: "panel settings" }, title, this.fields, this.experiment, all);
    this.redraw();
  }

  /** Puts the focus on the one thing to change. */
  focus() {
    const rate = /** @type {HTMLElement} */ (this.fields.querySelector('[data-pointer="/optimizer/learning_rate"]'));
    rate.scrollIntoView({ block: "center" });
    rate.focus({ preventScroll: true });
  }

  redraw() {
    const { config } = this.draft;
    fill(
      this.fields,
      this.presets().element,
      numberField({
        label: t("parameter.learning_rate"),
        value: config.optimizer.learning_rate,
        pointer: "/optimizer/learning_rate",
        onChange: (value) => {
          this.draft.config.optimizer.learning_rate = value;
          this.onChange();
        },
      }),
      numberField({
        label: t("run.epochs"),
        value: config.epochs,
        pointer: "/epochs",
        isWhole: true,
        onChange: (value) => {
          this.draft.config.epochs = value;
          this.onChange();
        },
      }),
    );
  }

  presets() {
    const { config, options } = this.draft;
    const names = Object.keys(options.presets);
    const named = names.map((name) => /** @type {[string, string]} */ ([name, t(`preset.${name}`)]));
    const choose = (/** @type {string} */ preset) => this.choosePreset(preset);
    const properties = { verb: t("select.use"), "data-pointer": "/preset" };
    return openingSelect(t("run.preset"), named, config.preset ?? names[0], choose, properties);
  }

  /** @param {string} preset */
  choosePreset(preset) {
    this.draft.config = { ...presetConfiguration(this.draft.options, preset), name: this.draft.config.name };
    this.redraw();
    /** @type {HTMLElement | null} */ (this.fields.querySelector("select"))?.focus();
    this.onChange();
  }
}
