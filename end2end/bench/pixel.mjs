// From an event's acceptance to the changed number in a real browser, at 1,000 events a second and the 250 ms cadence.
// A marker (a channel count never seen before) goes in among the load; the page notes when it shows it. One machine, one
// clock: both times are Date.now().
import { bench, event, keepSending, pause, post, remember } from "./bed.mjs";

const EVENTS_A_SECOND = 1_000;
const BATCHES_A_SECOND = 20;
const MARKERS = 120;
const AIM_MS = 300;

await bench(async ({ url, browser }) => {
  const marker = (active) => post(url, [event("channels.sample", { trunk: "marker", active, capacity: 100_000 })]);
  await marker(1);
  const page = await browser.newPage();
  await remember(page, "250ms");
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
  let call = 0;
  const load = keepSending(url, 1_000 / BATCHES_A_SECOND, () => {
    const lines = [];
    for (let i = 0; i < EVENTS_A_SECOND / BATCHES_A_SECOND / 2; i++) {
      const call_id = `c${++call}`;
      lines.push(event("call.started", { call_id, direction: "outbound", campaign: `campaign-${call % 7}`, route: `route-${call % 6}`, mode: "predictive", from: `+1202555${String(call % 5000).padStart(4, "0")}`, to: "+12125550123" }));
      lines.push(event("call.ended", { call_id, outcome: "busy", sip_code: 486 }));
    }
    return lines;
  });

  const accepted = new Map();
  await pause(2_000);
  for (let i = 0; i < MARKERS; i++) {
    const active = 10_000 + i;
    await marker(active);
    accepted.set(String(active), Date.now());
    // Not a multiple of the tick, so that markers fall anywhere between two ticks.
    await pause(430 + (i % 7) * 37);
  }
  await pause(1_000);
  await load.stop();
  const seen = new Map(await page.evaluate(() => [...window.seen]));
  const took = [...accepted].filter(([n]) => seen.has(n)).map(([n, at]) => Math.max(0, seen.get(n) - at)).sort((a, b) => a - b);
  const at = (share) => took[Math.min(took.length - 1, Math.ceil(took.length * share) - 1)];
  console.log(
    `event to pixel: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${took.at(-1)} ms over ${took.length} of ${MARKERS} markers at ${EVENTS_A_SECOND} events/s, 250 ms cadence (aim: p99 ${AIM_MS})`,
  );
  if (took.length < MARKERS * 0.95) throw new Error("markers were missed");
});
