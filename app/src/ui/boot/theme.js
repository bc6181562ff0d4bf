// Runs before the first paint: the remembered theme, or the system's. Storage may throw in frames of other sites.
(() => {
  const page = document.documentElement;
  page.dataset.js = "";
  try {
    const theme = localStorage.getItem("ringside.theme");
    if (theme === "dark" || theme === "light") page.dataset.theme = theme;
  } catch {}
})();
