// @ts-check
// The optimizer's part of the form: its name, what it does in one sentence, and its parameters.

import { choiceNamed, optimizerFor } from "../net/configuration.js";
import { h } from "../ui/dom.js";
import { choiceField, parameterFields } from "../ui/fields.js";
import { currentLanguage, t } from "../ui/words.js";

/**
 * @import { Optimizer } from "../net/types.d.ts"
 * @import { TrainForm } from "./train.js"
 */

/** @param {TrainForm} form */
export function optimizerFields(form) {
  const { config } = form;
  const { optimizers } = form.options;
  const chosen = /** @type {Optimizer} */ (choiceNamed(optimizers, config.optimizer.name));
  return [
    choiceField({
      label: t("optimizer.name"),
      options: optimizers.map(({ name }) => name),
      value: chosen.name,
      pointer: "/optimizer",
      onChange: (name) => {
        config.optimizer = optimizerFor(form.options, name, config).optimizer;
        form.redraw();
      },
    }),
    parameterFields(chosen, config.optimizer, "/optimizer", () => form.showCurl()),
    h("p", { class: "hint wide" }, sentences(chosen, form)),
  ];
}

/**
 * What an optimizer does, and the learning rate that it starts with.
 * @param {Optimizer} optimizer
 * @param {TrainForm} form
 */
function sentences({ name, explanation }, { options, config }) {
  const { optimizer, isSuggested } = optimizerFor(options, name, config);
  const rate = t(isSuggested ? "optimizer.suggested" : "optimizer.start", { rate: optimizer.learning_rate });
  return `${explanation[currentLanguage()] ?? explanation.en} ${rate}`;
}
