// Loads the page's WASM and wakes the page. What goes wrong is said on the page (`data-boot`), which stays readable.
const page = document.documentElement;
const MINUTE = 60000;

// A module with one function that takes an externref: older engines refuse it, and would refuse ours.
const modern = () =>
  typeof WebAssembly === "object" &&
  WebAssembly.validate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 1, 111, 0]));

// After a new release an old page asks for files that are gone: a reload mends that, but never more than three in ten
// minutes. Without storage to count in, none.
const mayReload = () => {
  try {
    const now = Date.now();
    const recent = JSON.parse(sessionStorage.getItem("ringside.reloads") || "[]").filter((at) => now - at < 10 * MINUTE);
    if (recent.length >= 3) return false;
    sessionStorage.setItem("ringside.reloads", JSON.stringify([...recent, now]));
    return true;
  } catch {
    return false;
  }
};

const start = async (js, wasm) => {
  if (!modern()) {
    page.dataset.boot = "unsupported";
    setTimeout(() => location.reload(), MINUTE / 2);
    return;
  }
  try {
    const app = await import(js);
    await app.default({ module_or_path: wasm });
    app.hydrate();
    page.dataset.boot = "ready";
  } catch (reason) {
    console.error("Ringside could not start in this browser:", reason);
    page.dataset.boot = "failed";
    if (mayReload()) location.reload();
  }
};
