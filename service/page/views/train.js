// The form that starts a job, drawn from what the service says there is to choose from.

import { get, keptKey, send } from "../net/api.js";
import { bodyOf, curlOf, withDefaults } from "../net/config.js";
import { announce, button, fill, h } from "../ui/dom.js";
import { choiceField, numberField, parameterFields, submitted, switchField, textField } from "../ui/fields.js";
import { t } from "../ui/words.js";

/** Shows the form; *from* may name a job whose configuration it starts with. */
export async function train(root, from, signal) {
  const options = await get("v1/options", { signal });
  const presets = Object.keys(options.presets).sort().reverse();
  const form = h("form", { class: "train", noValidate: true, onsubmit: (event) => { event.preventDefault(); submit(); } });
  const curl = h("code", { id: "curl" });
  let config = start(presets.includes("accurate") ? "accurate" : presets[0]);

  function start(preset) {
    return { ...structuredClone(options.presets[preset]), preset };
  }

  function changed() {
    curl.textContent = curlOf(bodyOf(config, options.presets), { withKey: Boolean(keptKey()) });
  }

  function redraw() {
    const focused = document.activeElement?.dataset?.pointer;
    fill(form, presetPart(), networkPart(), optimizerPart(), runPart(), morePart(), submitPart());
    changed();
    if (focused) form.querySelector(`[data-pointer="${CSS.escape(focused)}"]`)?.focus();
  }

  const take = (object, name) => (value) => { object[name] = value; changed(); };
  const choose = (object, name, choices) => (value) => { object[name] = value ? withDefaults(choices, value) : null; redraw(); };

  function presetPart() {
    const cards = presets.map((preset) => h("label", { class: "card" },
      h("input", {
        type: "radio", name: "preset", value: preset, checked: preset === config.preset, "data-pointer": `/preset/${preset}`,
        onchange: () => { config = { ...start(preset), name: config.name }; redraw(); },
      }),
      h("strong", {}, t(`preset.${preset}`)), h("span", {}, t(`preset.${preset}.hint`))));
    return h("fieldset", { class: "presets" }, h("legend", {}, t("train.preset")), h("div", { class: "cards" }, cards));
  }

  function networkPart() {
    const { layers } = config.network;
    return h("fieldset", { class: "network" }, h("legend", {}, t("train.network")),
      h("ol", { class: "layers" },
        h("li", { class: "pixels" }, h("span", {}, t("train.pixels"))),
        layers.map((layer, place) => layerPart(layer, place, layers)),
        h("li", { class: "pixels" }, h("span", {}, t("train.digits")))),
      button(t("layer.add"), () => {
        layers.splice(layers.length - 1, 0, { units: 64, activation: "relu", initializer: withDefaults(options.initializers, "he_normal") });
        redraw();
      }, { id: "add-layer", "data-pointer": "/network/layers" }));
  }

  function layerPart(layer, place, layers) {
    const pointer = `/network/layers/${place}`;
    const last = place === layers.length - 1;
    const initializer = options.initializers.find(({ name }) => name === layer.initializer.name);
    return h("li", { class: "layer" },
      h("h3", {}, last ? t("layer.output") : t("layer.hidden", { place: place + 1 })),
      h("div", { class: "fields" },
        numberField(t("layer.units"), layer.units, `${pointer}/units`, take(layer, "units"), { readOnly: last, whole: true }),
        choiceField(t("layer.activation"), options.activations, layer.activation, `${pointer}/activation`, take(layer, "activation")),
        choiceField(t("layer.initializer"), options.initializers.map(({ name }) => [name, name.replaceAll("_", " ")]), layer.initializer.name,
          `${pointer}/initializer`, choose(layer, "initializer", options.initializers)),
        parameterFields(initializer, layer.initializer, `${pointer}/initializer`, changed)),
      !last && button("×", () => { layers.splice(place, 1); redraw(); form.querySelector("#add-layer").focus(); },
        { class: "quiet round remove", "aria-label": t("layer.remove", { place: place + 1 }), title: t("layer.remove", { place: place + 1 }) }));
  }

  function optimizerPart() {
    const kind = options.optimizers.find(({ name }) => name === config.optimizer.name);
    return h("fieldset", {}, h("legend", {}, t("train.optimizer")), h("div", { class: "fields" },
      choiceField(t("optimizer.kind"), options.optimizers.map(({ name }) => name), kind.name, "/optimizer", choose(config, "optimizer", options.optimizers)),
      parameterFields(kind, config.optimizer, "/optimizer", changed)));
  }

  function runPart() {
    return h("fieldset", {}, h("legend", {}, t("train.run")), h("div", { class: "fields" },
      numberField(t("run.epochs"), config.epochs, "/epochs", take(config, "epochs"), { whole: true }),
      numberField(t("run.batch_size"), config.batch_size, "/batch_size", take(config, "batch_size"), { whole: true }),
      numberField(t("run.seed"), config.seed, "/seed", take(config, "seed"), { whole: true, placeholder: t("run.seed.drawn") }),
      textField(t("run.name"), config.name, "/name", take(config, "name"), { maxLength: 200 }),
      options.datasets.length > 1 && choiceField(t("run.dataset"), options.datasets, config.dataset, "/dataset", take(config, "dataset")),
      switchField(t("run.shuffle"), config.shuffle, "/shuffle", take(config, "shuffle"))));
  }

  function morePart() {
    const kind = options.schedules.find(({ name }) => name === config.schedule?.name);
    const early = config.early_stopping;
    const monitors = ["test_loss", "test_accuracy", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy"];
    return h("details", { open: Boolean(kind || early || config.validation_split) }, h("summary", {}, t("train.more")), h("div", { class: "fields" },
      numberField(t("run.validation_split"), config.validation_split, "/validation_split", take(config, "validation_split"), { empty: 0 }),
      choiceField(t("run.schedule"), [["", t("none")], ...options.schedules.map(({ name }) => name)], kind?.name ?? "", "/schedule",
        choose(config, "schedule", options.schedules)),
      kind && parameterFields(kind, config.schedule, "/schedule", changed),
      switchField(t("run.early_stopping"), Boolean(early), "/early_stopping", (on) => {
        config.early_stopping = on ? { monitor: "test_loss", patience: 3 } : null;
        redraw();
      }),
      early && choiceField(t("early.monitor"), monitors.map((name) => [name, t(`figure.${name}`)]), early.monitor, "/early_stopping/monitor", take(early, "monitor")),
      early && numberField(t("early.patience"), early.patience, "/early_stopping/patience", take(early, "patience"), { whole: true })));
  }

  function submitPart() {
    return h("div", { class: "submit" },
      h("p", { class: "trouble", role: "alert", id: "form-trouble" }),
      h("button", { class: "main", id: "start" }, t("train.start")));
  }

  async function submit() {
    form.querySelector("#start").disabled = true;
    await submitted(form, form.querySelector("#form-trouble"), async () => {
      const job = await send("POST", "v1/jobs", bodyOf(config, options.presets));
      location.hash = `#/watch/${job.id}`;
    });
    form.querySelector("#start").disabled = false;
  }

  if (from) {
    const job = await get(`v1/jobs/${from}`, { signal });
    const known = Object.keys(options.presets.notebook);
    config = { ...Object.fromEntries(known.map((name) => [name, structuredClone(job[name])])), preset: job.preset || "notebook" };
  }
  redraw();
  fill(root,
    h("h1", {}, t("train.title")), h("p", { class: "lead" }, t("train.lead")),
    form,
    h("section", { class: "curl", "aria-labelledby": "curl-title" },
      h("h2", { id: "curl-title" }, t("train.curl")),
      h("pre", { tabIndex: 0, role: "region", "aria-labelledby": "curl-title" }, curl),
      button(t("copy"), async () => { await copy(curl); announce(t("copied")); })));
}

/** Copies the text; where a page may not write to the clipboard it is marked, ready to be copied by hand. */
async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
  } catch {
    getSelection().selectAllChildren(element);
  }
}
