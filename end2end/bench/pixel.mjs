// From an event's acceptance to the changed number in a real browser, at 1,000 events a second and the 250 ms cadence.
// A marker (a channel count never seen before) goes in among the load; the page notes when it shows it. One machine, one
// clock: both times are Date.now().
import { chromium } from "@playwright/test";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findChromium } from "../find-chromium.mjs";

const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

const EVENTS_A_SECOND = 1_000;
const BATCHES_A_SECOND = 20;
const MARKERS = 120;
const AIM_MS = 300;

const port = await new Promise((done) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => done(port));
  });
});
const url = `http://127.0.0.1:${port}`;
const folder = mkdtempSync(join(tmpdir(), "ringside-pixel-"));
const server = spawn(process.env.RINGSIDE_BINARY, ["serve", "--listen", `127.0.0.1:${port}`, "--database", `sqlite:${join(folder, "p.db")}`], { stdio: "ignore" });

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const up = () => fetch(`${url}/healthz`).then((r) => r.ok, () => false);
for (let tries = 0; !(await up()); tries++) {
  if (tries > 400) throw new Error("the server did not start");
  await pause(50);
}

let made = 0;
const event = (type, data) => JSON.stringify({ specversion: "1.0", id: `p${++made}`, source: "bench", type, time: new Date().toISOString(), data });
async function post(lines) {
  const answer = await fetch(`${url}/api/v1/events`, { method: "POST", headers: { "content-type": "application/x-ndjson" }, body: lines.join("\n") });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
}

const browser = await chromium.launch({ executablePath: findChromium(), args: ARGS });
let code = 0;
try {
  await post([event("channels.sample", { trunk: "marker", active: 1, capacity: 100_000 })]);
  const page = await browser.newPage();
  await page.addInitScript(() => {
    try {
      localStorage.setItem("ringside.refresh", "250ms");
    } catch {}
  });
  await page.goto(`${url}/live`);
  await page.waitForSelector('html[data-boot="ready"]');
  await page.evaluate(() => {
    window.seen = new Map();
    const number = () => document.querySelector('#channels [data-f="active_calls"]')?.textContent?.replace(/\D/g, "");
    new MutationObserver(() => {
      const now = Date.now();
      const shown = number();
      if (shown && !window.seen.has(shown)) window.seen.set(shown, now);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });

  // The load: calls that start and end, in even batches.
  let going = true;
  const load = (async () => {
    const each = EVENTS_A_SECOND / BATCHES_A_SECOND / 2;
    let next = Date.now();
    let call = 0;
    while (going) {
      const lines = [];
      for (let i = 0; i < each; i++) {
        const call_id = `c${++call}`;
        lines.push(event("call.started", { call_id, direction: "outbound", campaign: `campaign-${call % 7}`, route: `route-${call % 6}`, mode: "predictive", from: `+1202555${String(call % 5000).padStart(4, "0")}`, to: "+12125550123" }));
        lines.push(event("call.ended", { call_id, outcome: "busy", sip_code: 486 }));
      }
      await post(lines);
      next += 1_000 / BATCHES_A_SECOND;
      await pause(Math.max(0, next - Date.now()));
    }
  })();

  const accepted = new Map();
  await pause(2_000);
  for (let i = 0; i < MARKERS; i++) {
    const active = 10_000 + i;
    await post([event("channels.sample", { trunk: "marker", active, capacity: 100_000 })]);
    accepted.set(String(active), Date.now());
    // Not a multiple of the tick, so that markers fall anywhere between two ticks.
    await pause(430 + (i % 7) * 37);
  }
  await pause(1_000);
  going = false;
  await load;
  const seen = new Map(await page.evaluate(() => [...window.seen]));
  const took = [...accepted].filter(([n]) => seen.has(n)).map(([n, at]) => Math.max(0, seen.get(n) - at)).sort((a, b) => a - b);
  const at = (share) => took[Math.min(took.length - 1, Math.ceil(took.length * share) - 1)];
  console.log(
    `event to pixel: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${took.at(-1)} ms over ${took.length} of ${MARKERS} markers at ${EVENTS_A_SECOND} events/s, 250 ms cadence (aim: p99 ${AIM_MS})`,
  );
  if (took.length < MARKERS * 0.95) throw new Error("markers were missed");
} catch (error) {
  console.error(String(error));
  code = 1;
} finally {
  await browser.close();
  server.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}
process.exit(code);
