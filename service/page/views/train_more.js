// @ts-check
// The form's settings that most runs do without: changed images, a validation split, a schedule, bfloat16 and more.

import { choiceNamed, defaults } from "../net/configuration.js";
import { h } from "../ui/dom.js";
import { choiceField, numberField, parameterFields, switchField } from "../ui/fields.js";
import { t } from "../ui/words.js";

/** @import { TrainForm } from "./train.js" */

const MONITORS = [
  "test_loss",
  "test_accuracy",
  "train_loss",
  "train_accuracy",
  "validation_loss",
  "validation_accuracy",
];

/** @param {TrainForm} form */
export function moreFields(form) {
  const { augment, schedule, early_stopping: early, validation_split: split, precision } = form.config;
  return h(
    "details",
    { open: Boolean(augment || schedule || early || split) || precision !== "float32" },
    h("summary", {}, t("train.more")),
    h(
      "div",
      { class: "fields" },
      augmentFields(form),
      numberField({ ...form.field("validation_split"), emptyValue: 0 }),
      scheduleFields(form),
      earlyStoppingFields(form),
      precisionField(form),
    ),
    precisionNote(form),
  );
}

/** @param {TrainForm} form */
function augmentFields(form) {
  const { augment: parameters } = form.options;
  const { augment } = form.config;
  const onChange = (/** @type {boolean} */ isOn) => {
    form.config.augment = isOn ? defaults(parameters) : null;
    form.redraw();
  };
  return [
    switchField({ ...form.field("augment"), onChange }),
    augment && parameterFields({ parameters }, augment, "/augment", () => form.showCurl()),
  ];
}

/** @param {TrainForm} form */
function scheduleFields(form) {
  const { schedules } = form.options;
  const { schedule } = form.config;
  const onChange = form.chooser(form.config, "schedule", schedules);
  /** @type {(string | [string, string])[]} */
  const options = [["", t("none")], ...schedules.map(({ name }) => name)];
  return [
    choiceField({ ...form.field("schedule"), value: schedule?.name ?? "", options, onChange }),
    schedule && parameterFields(choiceNamed(schedules, schedule.name), schedule, "/schedule", () => form.showCurl()),
  ];
}

/** @param {TrainForm} form */
function precisionField(form) {
  const onChange = (/** @type {string} */ chosen) => {
    form.config.precision = chosen;
    form.redraw();
  };
  const options = form.options.precisions.map(({ name }) => name);
  return choiceField({ ...form.field("precision"), value: form.config.precision, options, onChange });
}

/** @param {TrainForm} form */
function precisionNote({ config, options }) {
  const chosen = options.precisions.find(({ name }) => name === config.precision);
  return chosen?.native === false && h("p", { class: "hint", id: "no-bfloat16" }, t("train.no_bfloat16"));
}

/** @param {TrainForm} form */
function earlyStoppingFields(form) {
  const early = form.config.early_stopping;
  const onChange = (/** @type {boolean} */ isOn) => {
    form.config.early_stopping = isOn ? { monitor: "test_loss", patience: 3 } : null;
    form.redraw();
  };
  return [switchField({ ...form.field("early_stopping"), onChange }), early && earlyStoppingDetails(form, early)];
}

/**
 * @param {TrainForm} form
 * @param {{ monitor: string, patience: number }} early
 */
function earlyStoppingDetails(form, early) {
  return [
    choiceField({
      label: t("early_stopping.monitor"),
      options: MONITORS.map((name) => [name, t(`metric.${name}`)]),
      value: early.monitor,
      pointer: "/early_stopping/monitor",
      onChange: form.setter(early, "monitor"),
    }),
    numberField({
      label: t("early_stopping.patience"),
      value: early.patience,
      pointer: "/early_stopping/patience",
      onChange: form.setter(early, "patience"),
      isWhole: true,
    }),
  ];
}
