// Keeps a page that only the server renders fresh: fetches it anew at its pace, when the tab comes back and when asked,
// and takes over what has changed. What has not stays the very same node: scroll, focus and open popovers with it.
// It also says how old the figures are, by the server's clock.
const stay = (every, look) => {
  const root = document.documentElement;
  const age = () => document.getElementById("age");
  let read, lost, due, tries, busy;

  const sync = () => {
    const { asOf, now } = age().dataset;
    read = { age: now - asOf, at: performance.now(), any: !!asOf };
    [lost, tries] = [false, 0];
    plan(Math.max(every - read.age, 10000) + Math.random() * 5000);
  };
  const ms = () => read.age + performance.now() - read.at;
  const words = (ms) =>
    ms < 120000 ? Math.floor(ms / 1000) + " s" : ms < 7200000 ? Math.floor(ms / 60000) + " min" : Math.floor(ms / 3600000) + " h";

  const tell = () => {
    const old = ms();
    const fresh = !read.any ? "none" : lost || old > 6 * every ? "stale" : old > 2 * every ? "late" : "live";
    root.dataset.fresh = age().dataset.fresh = fresh;
    const word = { none: "No figures", stale: "Stale", late: "Late", live: "Updated" }[fresh];
    const text = (read.any ? words(old) + " ago" : "") + (lost ? (read.any ? ", " : "") + "connection lost, trying again" : "");
    const [b, span] = [age().querySelector("b"), age().querySelector(".age-text")];
    if (b.textContent !== word) b.textContent = word;
    if (span.textContent !== text) span.textContent = text;
  };

  const plan = (wait) => {
    clearTimeout(due);
    due = setTimeout(() => (document.hidden ? 0 : fetchNow()), wait);
  };

  const same = (a, b) => a.nodeName === b.nodeName && (a.id || "") === (b.id || "");
  const become = (a, b) => {
    if (a.isEqualNode(b)) return;
    if (a.nodeType !== 1) return void (a.data = b.data);
    if (a.nodeName === "svg") return a.replaceWith(b);
    for (const { name, value } of b.attributes) if (a.getAttribute(name) !== value) a.setAttribute(name, value);
    for (const { name } of [...a.attributes]) if (!b.hasAttribute(name) && name !== "open") a.removeAttribute(name);
    let at = a.firstChild;
    for (const child of [...b.childNodes]) {
      const here = child.id && [...a.children].find((old) => old.id === child.id);
      if (here && here !== at) a.insertBefore(here, at);
      if (here || (at && same(at, child))) {
        const old = here || at;
        at = old.nextSibling;
        become(old, child);
      } else a.insertBefore(child, at);
    }
    while (at) {
      const gone = at;
      at = at.nextSibling;
      gone.remove();
    }
  };

  const take = (text) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    const style = (doc) => doc.querySelector("link[rel=stylesheet]")?.getAttribute("href");
    // A new release: its pages want its own style and script.
    if (style(page) !== style(document)) return location.reload();
    const [focus, open] = [document.activeElement, document.querySelector("[popover]:popover-open")];
    for (const id of ["age", "main"]) {
      const [old, next] = [document.getElementById(id), page.getElementById(id)];
      if (!next) throw new Error("the answer is no page of ours");
      if (id === "age") Object.assign(old.dataset, next.dataset);
      else become(old, next);
    }
    if (open?.isConnected && !open.matches(":popover-open")) open.showPopover();
    if (focus?.isConnected && focus !== document.activeElement) focus.focus({ preventScroll: true });
    sync();
  };

  const fetchNow = async () => {
    if (busy) return;
    busy = true;
    try {
      const answer = await fetch(location.href, { signal: AbortSignal.timeout?.(20000) });
      if (answer.status >= 500) throw new Error(answer.status);
      take(await answer.text());
    } catch {
      lost = true;
      plan([5000, 15000, 30000][tries++] ?? 60000);
    }
    busy = false;
    tell();
  };

  // Between two fetches the server is only looked at: once it is gone the page says so, however new its figures are.
  const see = async () => {
    if (document.hidden || busy) return;
    try {
      const answer = await fetch("/healthz", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout?.(look) });
      if (answer.status >= 500) throw new Error(answer.status);
      if (lost) fetchNow();
    } catch {
      lost = true;
      tell();
    }
  };

  // What a form's answer says is said once.
  const here = new URL(location.href);
  if (here.searchParams.has("told")) {
    here.searchParams.delete("told");
    history.replaceState(null, "", here);
  }
  sync();
  tell();
  setInterval(tell, 1000);
  setInterval(see, look);
  document.addEventListener("visibilitychange", () => (document.hidden ? 0 : (tell(), fetchNow())));
  document.getElementById("refresh").addEventListener("click", fetchNow);
};
