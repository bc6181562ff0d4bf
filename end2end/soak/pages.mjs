// Pages that stay open: the live view, the monitor and a campaign, by the same faster clock, and what each of them holds.
import { remember } from "../bench/bed.mjs";

// The page's time of day, as clock.c makes it for the server.
function hasten({ from, pace }) {
  const { now } = Date;
  const shown = () => from + (now() - from) * pace;
  window.Date = class extends Date {
    constructor(...all) {
      super(...(all.length ? all : [shown()]));
    }
    static now() {
      return shown();
    }
  };
}

function count() {
  window.deltas = 0;
  window.EventSource = class extends window.EventSource {
    constructor(...all) {
      super(...all);
      this.addEventListener("delta", () => window.deltas++);
    }
  };
  const instantiate = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (...all) => {
    const made = await instantiate.apply(WebAssembly, all);
    window.wasm = made.instance.exports.memory;
    return made;
  };
}

export async function open(browser, url, path, clock) {
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  const errors = [];
  page.on("pageerror", (error) => errors.push(`${path}: ${error}`));
  await remember(page, "250ms");
  await page.addInitScript(hasten, clock);
  await page.addInitScript(count);
  await page.goto(`${url}${path}`);
  await page.waitForSelector('html[data-boot="ready"]');
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable");
  return { page, cdp, errors };
}

export async function holds({ page, cdp }) {
  // Twice: what the first finds unused may hold more.
  await cdp.send("HeapProfiler.collectGarbage");
  await cdp.send("HeapProfiler.collectGarbage");
  const now = Object.fromEntries((await cdp.send("Performance.getMetrics")).metrics.map(({ name, value }) => [name, value]));
  const { wasm, deltas } = await page.evaluate(() => ({ wasm: window.wasm?.buffer.byteLength ?? 0, deltas: window.deltas }));
  return { heap: now.JSHeapUsedSize, nodes: now.Nodes, listeners: now.JSEventListeners, wasm, deltas };
}
