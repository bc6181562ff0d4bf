// What single keys do, on every page (ux.md U51), and the help that names them. A key presses what the page offers under
// it (`aria-keyshortcuts`), so it does nothing where there is nothing to press. All of them can be turned off (WCAG 2.1.4);
// where storage is refused that holds as long as the page does.
(() => {
  const KEY = "ringside.keys";
  const help = document.getElementById("help");
  const choice = help.querySelector("input");
  let gone, held;

  const offered = (key) =>
    [...document.querySelectorAll("main [aria-keyshortcuts]"), ...document.querySelectorAll("header [aria-keyshortcuts]")].find(
      (each) => each.getAttribute("aria-keyshortcuts") === key,
    );
  const choose = (select, value) => {
    select.value = value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const light = () => (getComputedStyle(document.documentElement).colorScheme === "light" ? "dark" : "light");
  // Holds what is shown, and lets it go on at the pace it had.
  const hold = (pace) => {
    if (pace.value !== "manual") [held] = [pace.value, choose(pace, "manual")];
    else choose(pace, held ?? "10s");
  };
  const fill = (element) => {
    if (document.fullscreenElement) document.exitFullscreen();
    else element?.requestFullscreen?.().catch(() => {});
  };
  const here = () => document.activeElement?.closest(".panel");
  // Of the pages in the header the one that begins with this letter.
  const go = (letter) =>
    [...document.querySelectorAll("header.top nav a")].find((link) => link.textContent[0].toLowerCase() === letter)?.click();

  const press = (key) => {
    const panels = document.querySelectorAll("main .panel");
    if (key === "?") return help.showModal();
    if (key === "t") return choose(document.querySelector("[data-choice=theme]"), light());
    if (key === "f") return fill(here() ?? document.documentElement);
    if (key === "T") return (here() ?? panels[0])?.querySelector("[data-show=table]")?.click();
    if (key === "Escape") return document.querySelectorAll("details.menu[open]").forEach((menu) => (menu.open = false));
    if (key >= "1" && key <= "9") return panels[key - 1]?.focus();
    const target = offered(key === " " ? "Space" : key);
    if (!target) return false;
    if (target.nodeName === "SELECT") hold(target);
    else target.click();
  };

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    const typing = target.closest?.("input, select, textarea, [contenteditable], dialog, [popover]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
    if (!choice.checked && key !== "Escape") return;
    // The space bar presses what has the focus.
    if (key === " " && target.closest("a, button, summary")) return;
    const after = gone && event.timeStamp - gone < 1500;
    gone = key === "g" && !after ? event.timeStamp : 0;
    if (gone) return;
    if ((after ? go(key) : press(key)) !== false) if (key === " ") event.preventDefault();
  });

  document.addEventListener("click", ({ target }) => {
    if (target.closest(".help-open")) help.showModal();
    else if (target === help) help.close();
    const full = target.closest("[data-show=full]");
    if (full) fill(full.closest(".panel"));
  });
  try {
    choice.checked = localStorage.getItem(KEY) !== "off";
  } catch {}
  choice.addEventListener("change", () => {
    try {
      localStorage.setItem(KEY, choice.checked ? "on" : "off");
    } catch {}
  });
})();
