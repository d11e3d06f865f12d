// Puts the page together: the header, and the view that the address names.

import { keepKey, keptKey } from "./net/api.js";
import { compare } from "./views/compare.js";
import { button, fill, h, select } from "./ui/dom.js";
import { draw } from "./views/draw.js";
import { look } from "./views/look.js";
import { train } from "./views/train.js";
import { refusal } from "./ui/trouble.js";
import { watch } from "./views/watch.js";
import { keep, LANGUAGES, preferred, speak, spoken, t } from "./ui/words.js";

const VIEWS = { train, watch, compare, look, draw };
const THEME = "naivenet.theme";

let leave = new AbortController();

/** Shows the view of the address: `#/watch/job_…` is the view "watch" of that job. */
async function show() {
  leave.abort();
  leave = new AbortController();
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  const view = name in VIEWS ? name : "train";
  const main = document.getElementById("main");
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${t(`nav.${view}`)} · naivenet`;
  main.dataset.view = view;
  main.dataset.ready = "";
  const root = fill(main, h("div", { class: "view" })).firstChild;
  const { signal } = leave;
  try {
    await VIEWS[view](root, decodeURIComponent(rest.join("/")), signal);
  } catch (error) {
    if (signal.aborted) return;
    root.prepend(h("p", { class: "trouble", role: "alert" }, refusal(error)));
  }
  if (!signal.aborted) main.dataset.ready = "yes";
}

function header() {
  const links = Object.keys(VIEWS).map((view) => h("a", { href: `#/${view}`, "data-view": view }, t(`nav.${view}`)));
  fill(
    document.getElementById("header"),
    h("a", { class: "brand", href: "#/train" }, h("img", { src: "page/icon.svg", alt: "" }), "naivenet"),
    h("nav", { "aria-label": t("nav.label") }, links),
    h("div", { class: "switches" },
      select(Object.entries(LANGUAGES), spoken(), change, { "aria-label": t("language"), id: "language" }),
      button("◐", turn, { class: "quiet round", "aria-label": t("theme"), title: t("theme"), id: "theme" })),
  );
  document.getElementById("skip").textContent = t("skip");
}

async function change(language) {
  keep(language);
  await speak(language);
  header();
  await show();
  document.getElementById("language").focus();
}

function turn() {
  const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem(THEME, theme);
  paint(theme);
}

function paint(theme) {
  document.documentElement.dataset.theme = theme;
  dispatchEvent(new CustomEvent("themechange"));
}

function askKey() {
  if (document.querySelector("dialog[open]")) return;
  const field = h("input", { type: "password", id: "key", autocomplete: "off", required: true });
  const dialog = h("dialog", { onclose: () => dialog.remove() },
    h("form", { onsubmit: (event) => { event.preventDefault(); keepKey(field.value.trim()); dialog.close(); show(); } },
      keptKey() && h("p", { class: "trouble", role: "alert" }, t("key.refused")),
      h("label", { htmlFor: "key" }, t("key.wanted")), field, h("button", { class: "main" }, t("key.use"))));
  document.body.append(dialog);
  dialog.showModal();
}

const darkness = matchMedia("(prefers-color-scheme: dark)");
const asTheSystem = () => paint(localStorage.getItem(THEME) ?? (darkness.matches ? "dark" : "light"));
darkness.addEventListener("change", asTheSystem);
asTheSystem();
addEventListener("keywanted", askKey);
document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  document.getElementById("main").focus();
});
await speak(preferred());
header();
addEventListener("hashchange", async () => {
  await show();
  document.getElementById("main").focus({ preventScroll: true });
  scrollTo(0, 0);
});
await show();
