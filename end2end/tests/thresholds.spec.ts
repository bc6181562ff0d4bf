// Each threshold flips at its exact boundary, in the browser: counts go in by the API, the page says what they mean.
import type { Page } from "@playwright/test";
import { expect, startRingside, test } from "../fixtures/ringside";
import { ago, event, record, send, times } from "../fixtures/floor";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** One board tick, one beat of the page's slowest way, and baselines read a quarter of a minute after the start. */
const SOON = { timeout: 45_000 };

/** Where nothing of now is heard, no figure is judged. */
const heardNow = () => event("channels.sample", ago(1_000), { trunk: "heard", active: 1, capacity: 100 });

type State = "ok" | "warn" | "crit" | "few";

/** Answered by a person and bridged at once, or left alone for four seconds: abandoned. */
const live = (campaign: string, abandoned: boolean) =>
  record({ campaign, mode: "predictive", started: ago(10 * MINUTE), progress: 1_000, answered: 5_000, bridged: abandoned ? undefined : 5_500, ended: abandoned ? 9_000 : 60_000 });

const campaigns: [string, number, number, State][] = [
  ["under-two", 2, 101, "ok"],
  ["two", 2, 100, "warn"],
  ["two-point-eight", 7, 250, "warn"],
  ["above", 36, 1_285, "crit"],
  ["too-few", 50, 99, "few"],
];

const routes: [string, number, number, State][] = [
  ["r-under-one", 10, 1_001, "ok"],
  ["r-one", 10, 1_000, "warn"],
  ["r-five", 10, 200, "warn"],
  ["r-above", 11, 219, "crit"],
  // Fewer than ten are judged by the lower end of their interval: one of 98 may be chance.
  ["r-chance", 1, 98, "ok"],
  ["r-few", 6, 98, "warn"],
];

/** Answered of 100 in this hour, against 400 of 1,000 in the same hours of the days before. */
const dids: [string, number, State][] = [
  ["+12025550128", 28, "ok"],
  ["+12025550127", 27, "warn"],
  ["+12025550120", 20, "warn"],
  ["+12025550119", 19, "crit"],
];

const hungUp = (from: string, answered: boolean, started: Date) =>
  record({ from, campaign: "dids", mode: "preview", started, progress: 500, answered: answered ? 2_000 : undefined, ended: 3_000, sip_code: answered ? undefined : 486 });

// Names become anchors: every character that is neither letter nor digit is its number.
const anchor = (panel: string, key: string) => `#${panel}-${key.replace(/[^A-Za-z0-9]/g, (c) => `_${c.charCodeAt(0).toString(16)}`)}`;

/** What a page says of its rows. */
function reading(page: Page) {
  const state = (row: string, figure: string) => page.locator(`${row} [data-f="${figure}"]`).first();
  // A figure may stand in a row more than once: its count, and what it means. One of them bears the state.
  const is = async (row: string, figure: string, expected: State) => {
    await expect(page.locator(row), row).toBeVisible(SOON);
    const bears = (states: string) => page.locator(`${row} [data-f="${figure}"]:is(${states})`);
    if (expected === "ok") {
      await expect(bears(".warn, .crit, .few"), row).toHaveCount(0, SOON);
    } else {
      await expect(bears(`.${expected}`), row).not.toHaveCount(0, SOON);
    }
  };
  return { is, state };
}

test("each band flips at its exact boundary", async ({ browser }) => {
  test.setTimeout(180_000);
  const server = await startRingside();
  try {
    const before = dids.flatMap(([did]) => times(1_000, (i) => hungUp(did, i % 5 < 2, ago(DAY * (1 + (i % 7)) + 10 * MINUTE))));
    await send(server.url, before);
    // What is bad comes last: a share seen half-told is never worse than the whole, which a held state would remember.
    await send(server.url, [
      ...campaigns.flatMap(([id, abandoned, of]) => times(of, (i) => live(id, i >= of - abandoned))),
      ...routes.flatMap(([route, faults, of]) =>
        times(of, (i) => record({ route, campaign: "routes", mode: "preview", started: ago(2 * MINUTE), ended: 1_000, sip_code: i >= of - faults ? 503 : 486 }))),
      ...dids.flatMap(([did, answered]) => times(100, (i) => hungUp(did, i < answered, ago(10 * MINUTE)))),
      // 40 of 50 minutes on a call is 80 %, a second less is not.
      ...[["a-in", "in-range", 0], ["a-out", "out-of-range", 1_000]].flatMap(([agent, campaign, less]) => [
        event("agent.state", ago(55 * MINUTE), { agent, campaign, state: "on_call" }),
        event("agent.state", ago(15 * MINUTE + Number(less)), { agent, campaign, state: "ready" }),
        event("agent.state", ago(5 * MINUTE), { agent, campaign, state: "offline" }),
      ]),
      event("channels.sample", ago(1_000), { trunk: "r-one", active: 85, capacity: 100 }),
    ]);

    const page = await browser.newPage();
    await page.goto(`${server.url}/live`);
    const { is, state } = reading(page);
    for (const [id, , , expected] of campaigns) await is(anchor("abandon", id), "abandon_rate", expected);
    for (const [id, , , expected] of routes) await is(anchor("routes", id), "route_fault_rate", expected);
    for (const [id, , expected] of dids) await is(anchor("dids", id), "did_answer_rate", expected);
    await is(anchor("agents", "in-range"), "on_call_share", "ok");
    await is(anchor("agents", "out-of-range"), "on_call_share", "warn");
    await is("#channels", "channel_utilisation", "ok");
    await expect(state(anchor("abandon", "above"), "abandon_rate")).toContainText("2.802 %");
    await expect(state(anchor("abandon", "two-point-eight"), "abandon_rate")).toContainText("2.80 %");

    await send(server.url, [event("channels.sample", new Date(), { trunk: "r-one", active: 86, capacity: 100 })]);
    await is("#channels", "channel_utilisation", "crit");
  } finally {
    await server.dispose();
  }
});

/** Delays until it rings, of twenty calls each, against a second each in the hour before. */
const delays: [string, number, State][] = [
  ["US", 29_999, "ok"],
  ["GB", 30_000, "warn"],
  ["FR", 39_999, "warn"],
  ["DE", 40_000, "crit"],
];

/** Live answers of 1,000 calls, against 300 of 1,000 in the same hours of the days before. */
const connects: [string, number, State][] = [
  ["a-fifth-less", 240, "warn"],
  ["not-a-fifth", 241, "ok"],
];

/** Abandoned of live answers: with a limit of 3 %, three of a hundred is all there is. */
const budgets: [string, number, number, State][] = [
  ["one-left", 2, 100, "ok"],
  ["none-left", 3, 100, "warn"],
  ["overdrawn", 4, 100, "crit"],
  ["unjudged", 4, 99, "few"],
];

test("each comparison and the budget flip at their exact boundary", async ({ browser }) => {
  test.setTimeout(180_000);
  const server = await startRingside();
  try {
    const rang = (country: string, delay: number, started: Date) =>
      record({ country, campaign: "delays", mode: "preview", started, progress: delay, ended: delay + 1_000, sip_code: 486 });
    const reached = (campaign: string, yes: boolean, started: Date) =>
      record({ campaign, mode: "predictive", started, progress: 500, answered: yes ? 2_000 : undefined, bridged: yes ? 2_100 : undefined, ended: 3_000, sip_code: yes ? undefined : 486 });
    await send(server.url, [
      ...delays.flatMap(([country]) => times(20, () => rang(country, 1_000, ago(90 * MINUTE)))),
      ...connects.flatMap(([id]) => times(1_000, (i) => reached(id, i < 300, ago(DAY * (1 + (i % 7)) + 10 * MINUTE)))),
    ]);
    await send(server.url, [
      // The sum is what is judged: one call bears what the others lack.
      ...delays.flatMap(([country, sum]) => times(20, (i) => rang(country, i === 0 ? sum - 19_000 : 1_000, ago(10 * MINUTE)))),
      ...connects.flatMap(([id, live]) => times(1_000, (i) => reached(id, i < live, ago(10 * MINUTE)))),
      ...budgets.flatMap(([id, abandoned, of]) => times(of, (i) => live(id, i >= of - abandoned))),
      heardNow(),
    ]);
    const page = await browser.newPage();
    await page.goto(`${server.url}/live`);
    const { is } = reading(page);
    for (const [country, , expected] of delays) await is(anchor("pdd", country), "pdd", expected);
    for (const [id, , expected] of connects) await is(anchor("connect", id), "connect_rate", expected);
    for (const [id, , , expected] of budgets) await is(anchor("abandon", id), "abandon_budget", expected);

    // Of calls begun eleven seconds ago nothing was heard again: twenty, and over half, is a route gone silent.
    const begun = (route: string, heard: boolean) => {
      const data = { call_id: `${route}-${++calls}`, direction: "outbound", campaign: "silence", mode: "preview", route, from: "+12025550100", to: "+12025550199" };
      const started = event("call.started", ago(11_000), data);
      return heard ? [started, event("call.progress", ago(10_000), { call_id: data.call_id })] : [started];
    };
    let calls = 0;
    const silent = (route: string, unheard: number, of: number) => Array.from({ length: of }, (_, i) => begun(route, i >= unheard)).flat();
    await send(server.url, [...silent("few-silent", 19, 19), ...silent("half-silent", 20, 40), ...silent("over-half-silent", 20, 39)]);
    await is(anchor("routes", "over-half-silent"), "stalled", "crit");
    await is(anchor("routes", "few-silent"), "stalled", "ok");
    await is(anchor("routes", "half-silent"), "stalled", "ok");
  } finally {
    await server.dispose();
  }
});
