// Says when the server has become another build than the page is of (ux.md U63). Nothing is reloaded under anybody's eyes.
(() => {
  const build = document.documentElement.dataset.build;
  const news = document.getElementById("newer");
  const ask = async () => {
    if (document.hidden || !build || !news.hidden) return;
    try {
      const said = await (await fetch("/healthz", { cache: "no-store" })).json();
      news.hidden = !said.build || said.build === build;
    } catch {}
  };
  // Some seconds apart from all the other screens.
  setInterval(ask, 110000 + Math.random() * 20000);
  document.addEventListener("visibilitychange", ask);
})();
