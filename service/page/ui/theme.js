// @ts-check
// The light and the dark theme: the visitor's choice, else the system's.

const STORAGE_KEY = "naivenet.theme";
const systemDarkness = matchMedia("(prefers-color-scheme: dark)");

/** Applies the theme, and again whenever the system's theme changes. */
export function startTheme() {
  applyTheme();
  systemDarkness.addEventListener("change", applyTheme);
}

/** Switches between light and dark, and remembers the choice for later visits. */
export function switchTheme() {
  localStorage.setItem(STORAGE_KEY, document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  applyTheme();
}

function applyTheme() {
  const system = systemDarkness.matches ? "dark" : "light";
  document.documentElement.dataset.theme = localStorage.getItem(STORAGE_KEY) ?? system;
  dispatchEvent(new CustomEvent("themechange"));
}
