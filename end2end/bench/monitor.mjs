// The monitor in a real browser over a floor of 200 campaigns with 5,000 calls up, of which a twentieth ends and begins
// anew each second: how busy a delta a second keeps the page's main thread, and whether its memory stays flat over many
// deltas. BENCH_DELTAS says how many (at the 250 ms cadence); 10,000 take 42 minutes.
import { bench, event, keepSending, pause, post, remember } from "./bed.mjs";

const CAMPAIGNS = 200;
const CALLS = 5_000;
const LIVES_MS = 20_000;
const BATCHES_A_SECOND = 10;
const WATCHED_MS = 60_000;
const LOOKED_MS = 10_000;
const DELTAS = Number(process.env.BENCH_DELTAS ?? 300);
// Signals and texts of the first deltas are made then and stay.
const WARM_DELTAS = 40;
const SAMPLES = 10;
const AIM_SHARE = 0.1;
// "Flat": the JS heap after a collection breathes by this much; nodes, listeners and WASM pages don't.
const FLAT_SHARE = 0.1;

const CAMPAIGN = (n) => `campaign-${String(n).padStart(3, "0")}`;

// A call as long as it is up. Three in ten are answered, and of these one in ten by a machine.
let calls = 0;
function begin(up, lines) {
  const n = ++calls;
  const call = { call_id: `c${n}`, campaign: CAMPAIGN(n % CAMPAIGNS), answered: n % 10 < 3, machine: n % 100 === 0 };
  up.push(call);
  lines.push(
    event("call.started", { call_id: call.call_id, direction: "outbound", campaign: call.campaign, route: `route-${n % 6}`, mode: "predictive", from: `+1202555${String(n % 5_000).padStart(4, "0")}`, to: `+1212${String(5_550_000 + (n % 9_999)).padStart(7, "0")}`, attempt: 1 }),
  );
}

// Halfway through its life.
function goOn(call, lines) {
  lines.push(event("call.progress", { call_id: call.call_id }));
  if (!call.answered) return;
  lines.push(event("call.answered", { call_id: call.call_id, by: call.machine ? "machine" : "human" }));
  if (!call.machine) lines.push(event("call.bridged", { call_id: call.call_id, agent: `agent-${calls % 900}` }));
}

function end(call, lines) {
  const how = call.answered ? { outcome: "answered", hung_up_by: "person" } : { outcome: "busy", sip_code: 486, final: true };
  lines.push(event("call.ended", { call_id: call.call_id, ...how }));
}

async function furnish(url, up) {
  const lines = [];
  for (let n = 0; n < CAMPAIGNS; n++) {
    lines.push(event("campaign.updated", { campaign: CAMPAIGN(n), name: `Campaign ${n}`, status: "active", mode: "predictive", destination: `Floor ${n % 12}`, destinations: 20_000, cac_limit: 40 + (n % 20), rate_limited: n % 9 === 0, started_at: new Date(Date.now() - 3_600_000).toISOString() }));
  }
  await post(url, lines);
  for (let n = 0; n < CALLS; n += 500) {
    const some = [];
    for (let i = 0; i < 500; i++) begin(up, some);
    await post(url, some);
  }
}

const metrics = async (cdp) => Object.fromEntries((await cdp.send("Performance.getMetrics")).metrics.map(({ name, value }) => [name, value]));

async function memory(page, cdp) {
  // Twice: what the first finds unused may hold more.
  await cdp.send("HeapProfiler.collectGarbage");
  await cdp.send("HeapProfiler.collectGarbage");
  const now = await metrics(cdp);
  const wasm = await page.evaluate(() => window.wasm?.buffer.byteLength ?? 0);
  return { heap: now.JSHeapUsedSize, wasm, nodes: now.Nodes, listeners: now.JSEventListeners };
}

// In a page of its own: watching costs the main thread time.
async function changed(page) {
  const before = await page.evaluate(() => {
    window.changed = { cards: 0, texts: 0 };
    window.watcher = new MutationObserver((all) => {
      window.changed.cards += new Set(all.map((one) => one.target.parentElement?.closest("[data-key]")).filter(Boolean)).size;
      window.changed.texts += all.length;
    });
    window.watcher.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    return window.deltas;
  });
  await pause(LOOKED_MS);
  const { cards, texts, after } = await page.evaluate(() => {
    window.watcher.disconnect();
    return { ...window.changed, after: window.deltas };
  });
  return { cards: cards / (after - before), texts: texts / (after - before) };
}

async function open(browser, url, cadence) {
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  await remember(page, cadence);
  await page.addInitScript(() => {
    window.deltas = 0;
    window.EventSource = class extends window.EventSource {
      constructor(...all) {
        super(...all);
        this.addEventListener("delta", ({ data }) => {
          window.deltas++;
          window.text = data.length;
        });
      }
    };
    const instantiate = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...all) => {
      const made = await instantiate.apply(WebAssembly, all);
      window.wasm = made.instance.exports.memory;
      return made;
    };
  });
  await page.goto(`${url}/monitor`);
  await page.waitForSelector('html[data-boot="ready"]');
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable", { timeDomain: "timeTicks" });
  const deltas = (n) => page.waitForFunction((n) => window.deltas >= n, n, { timeout: 0, polling: 1_000 });
  return { page, cdp, deltas };
}

async function busy(browser, url) {
  const { page, cdp, deltas } = await open(browser, url, "1s");
  await deltas(10);
  const cards = await page.locator("li.camp").count();
  if (cards !== CAMPAIGNS) throw new Error(`${cards} cards are shown, ${CAMPAIGNS} campaigns run`);
  const seen = await page.evaluate(() => window.deltas);
  const before = await metrics(cdp);
  await pause(WATCHED_MS);
  const after = await metrics(cdp);
  const took = after.Timestamp - before.Timestamp;
  const share = (name) => (after[name] - before[name]) / took;
  const percent = (name) => `${(share(name) * 100).toFixed(1)} %`;
  const counted = (await page.evaluate(() => window.deltas)) - seen;
  const change = await changed(page);
  await page.close();
  console.log(
    `monitor, ${CAMPAIGNS} campaigns and ${CALLS} active calls, a delta a second: main thread ${percent("TaskDuration")} busy over ${Math.round(took)} s and ${counted} deltas (aim: below ${AIM_SHARE * 100} %)`,
  );
  console.log(
    `  of it script ${percent("ScriptDuration")}, style ${percent("RecalcStyleDuration")}, layout ${percent("LayoutDuration")}; a delta changes ${change.cards.toFixed(0)} cards in ${change.texts.toFixed(0)} places`,
  );
}

async function flat(browser, url) {
  const { page, cdp, deltas } = await open(browser, url, "250ms");
  await deltas(WARM_DELTAS);
  const all = [await memory(page, cdp)];
  for (let i = 1; i <= SAMPLES; i++) {
    await deltas(WARM_DELTAS + (DELTAS * i) / SAMPLES);
    all.push(await memory(page, cdp));
  }
  const [first, last] = [all[0], all.at(-1)];
  const spread = (name, scale, digits) => {
    const values = all.map((one) => one[name] / scale);
    return `${(first[name] / scale).toFixed(digits)} to ${(last[name] / scale).toFixed(digits)} (${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)})`;
  };
  const second = all.slice(SAMPLES / 2);
  const grown = second.at(-1).wasm > second[0].wasm || last.heap > first.heap * (1 + FLAT_SHARE) || last.nodes > first.nodes * (1 + FLAT_SHARE) || last.listeners > first.listeners * (1 + FLAT_SHARE);
  console.log(
    `  memory over ${DELTAS} deltas, first to last (least to most of ${SAMPLES + 1}): JS ${spread("heap", 1e6, 2)} MB, WASM ${spread("wasm", 1e6, 2)} MB, nodes ${spread("nodes", 1, 0)}, listeners ${spread("listeners", 1, 0)}: ${grown ? "it grows" : "flat"} (aim: flat over 10,000: BENCH_DELTAS=10000)`,
  );
  console.log(`  WASM at each of them: ${all.map((one) => (one.wasm / 1e6).toFixed(2)).join(" ")} MB; a delta's text at the end: ${((await page.evaluate(() => window.text)) / 1e3).toFixed(0)} KB`);
  await page.close();
}

await bench(async ({ url, browser }) => {
  const up = [];
  await furnish(url, up);
  const each = (CALLS / LIVES_MS) * (1_000 / BATCHES_A_SECOND);
  const feed = keepSending(url, 1_000 / BATCHES_A_SECOND, () => {
    const lines = [];
    up.splice(0, each).forEach((call) => end(call, lines));
    up.slice(up.length / 2, up.length / 2 + each).forEach((call) => goOn(call, lines));
    for (let i = 0; i < each; i++) begin(up, lines);
    return lines;
  });
  await busy(browser, url);
  await flat(browser, url);
  await feed.stop();
});
