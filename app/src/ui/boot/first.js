// Looks every second whether the first event has come, and shows what became of those that were sent.
(() => {
  const box = document.getElementById("first-run");
  if (!box) return;
  const look = async () => {
    if (document.hidden || document.getElementById("main").dataset.page !== "live") return;
    try {
      const answer = await fetch("/live?first=now", { cache: "no-store", signal: AbortSignal.timeout?.(5000) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const [old, next] = [document.getElementById("first-status"), page.getElementById("first-status")];
      if (!next) return;
      if (old.innerHTML !== next.innerHTML) old.replaceWith(document.adoptNode(next));
      box.dataset.heard = page.getElementById("first-run").dataset.heard;
      if (box.dataset.heard !== "0") clearInterval(turn);
    } catch {}
  };
  const turn = setInterval(look, 1000);
  document.addEventListener("visibilitychange", look);
})();
