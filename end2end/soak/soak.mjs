// `make soak`: six hours of a floor in a quarter of an hour, by a faster clock for server, floor and pages. The live view,
// the monitor and a campaign stay open; every few seconds it is noted what the server and the pages hold. Of each measure the second
// half may rise by no more than is said here, else it fails.
//
// What goes by the time of day runs faster: events, windows, calls that end, days, what is cleared away. What goes by the
// monotonic clock does not: ticks, deltas, commits and folds are as many as in a quarter of an hour.
//
// SOAK_HOURS, SOAK_PACE (how many times as fast) and SOAK_TIMES (how many times the demo's seven calls a second) change it;
// SOAK_KEEP names a file for all that was noted.
import { writeFileSync } from "node:fs";
import { bench, pause } from "../bench/bed.mjs";
import { fill } from "./fill.mjs";
import { holds, open } from "./pages.mjs";
import { floor, hastened, measures, stands } from "./server.mjs";
import { judge, table } from "./trend.mjs";

const HOURS = Number(process.env.SOAK_HOURS ?? 6);
const PACE = Number(process.env.SOAK_PACE ?? 24);
const TIMES = Number(process.env.SOAK_TIMES ?? 1);
const SAMPLE_MS = 5_000;
const FRESH_S = 60 * PACE;
const CATCHES_UP_MS = 300_000;
const MB = 1e6;

// What it may rise by is what comes and goes: calls held in two generations of 30,000 (some 60 MB each, given up at once).
const SERVER = [
  { name: "rss", unit: "MB", scale: MB, mayRise: 32, atMost: 400 },
  { name: "threads", mayRise: 2 },
  { name: "fds", mayRise: 2 },
  { name: "log", unit: "MB of WAL", scale: MB, mayRise: 32, atMost: 96 },
];
const PAGE = [
  { name: "heap", unit: "MB of JS", scale: MB, mayRise: 1 },
  { name: "wasm", unit: "MB of WASM", scale: MB, mayRise: 0.5 },
  { name: "nodes", mayRise: 200 },
  { name: "listeners", mayRise: 20 },
];
const COUNTS = { age: "ringside_newest_event_age_seconds", cached: "ringside_cached_calls", accepted: "ringside_events_accepted_total" };

const clock = { from: Date.now(), pace: PACE };

async function caughtUp(url) {
  for (let waited = 0; waited < CATCHES_UP_MS; waited += 500) {
    const { age } = await measures(url, { age: COUNTS.age });
    if (age < FRESH_S) return;
    await pause(500);
  }
  throw new Error("the floor did not catch up");
}

await bench(
  async ({ url, browser, server, database, env }) => {
    await fill(url, clock.from);
    const feed = floor(url, env, TIMES);
    let ended;
    feed.on("exit", (code) => (ended = `the floor ended with ${code}`));
    server.on("exit", (code, signal) => (ended = `the server ended with ${code ?? signal}`));
    try {
      await caughtUp(url);
      const at = (path) => open(browser, url, path, clock);
      const pages = { live: await at("/live"), monitor: await at("/monitor"), campaign: await at("/monitor/harbor-home") };
      const noted = [];
      const began = Date.now();
      const lasts = (HOURS * 3_600_000) / PACE;
      while (Date.now() - began < lasts) {
        const at = Date.now() - began;
        const one = { at, ...stands(server.pid, database), ...(await measures(url, COUNTS)) };
        for (const [name, page] of Object.entries(pages)) one[name] = await holds(page);
        if (ended) throw new Error(ended);
        noted.push(one);
        await pause(Math.max(0, at + SAMPLE_MS - (Date.now() - began)));
      }
      if (process.env.SOAK_KEEP) writeFileSync(process.env.SOAK_KEEP, JSON.stringify(noted));
      tell(noted, pages);
    } finally {
      feed.kill("SIGKILL");
    }
  },
  (folder) => hastened(clock, folder),
);

function tell(noted, pages) {
  const judged = judge(noted, SERVER);
  for (const name of Object.keys(pages)) {
    const of = noted.map((one) => ({ at: one.at, ...one[name] }));
    judged.push(...judge(of, PAGE).map((one) => ({ ...one, name: `${name}: ${one.name}` })));
  }
  const [first, last] = [noted[0], noted.at(-1)];
  const events = last.accepted - first.accepted;
  console.log(`${HOURS} hours of ${7 * TIMES} calls/s at ${PACE} times the pace: ${events} events in ${Math.round(last.at / 1_000)} s, the store ${(last.store / MB).toFixed(0)} MB, ${last.cached} calls held`);
  console.log(Object.keys(pages).map((name) => `${name}: ${last[name].deltas - first[name].deltas} deltas`).join(", "));
  console.log(table(judged));
  const errors = Object.values(pages).flatMap((page) => page.errors);
  if (errors.length) throw new Error(`a page failed: ${errors[0]}`);
  if (!events) throw new Error("the server heard nothing");
  const still = Object.keys(pages).find((name) => last[name].deltas === first[name].deltas);
  if (still) throw new Error(`${still} heard nothing`);
  const grows = judged.filter((one) => !one.holds).map((one) => one.name);
  if (grows.length) throw new Error(`it grows: ${grows.join(", ")}`);
}
