// Runs before the first paint: the remembered theme, or the system's; then follows the header's choice. Storage may throw in
// frames of other sites: then the choice lasts as long as the page.
(() => {
  const page = document.documentElement;
  const KEY = "ringside.theme";
  const light = (theme) => (page.dataset.theme = ["dark", "light"].includes(theme) ? theme : "auto");
  page.dataset.js = "";
  try {
    light(localStorage.getItem(KEY));
  } catch {}
  document.addEventListener("DOMContentLoaded", () => {
    const choice = document.querySelector("[data-choice=theme]");
    if (!choice) return;
    choice.value = page.dataset.theme;
    choice.addEventListener("change", () => {
      light(choice.value);
      try {
        localStorage.setItem(KEY, choice.value);
      } catch {}
    });
  });
})();
