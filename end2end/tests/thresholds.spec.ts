// Each threshold flips at its exact boundary, in the browser: counts go in by the API, the page says what they mean.
import { expect, startRingside, test } from "../fixtures/ringside";
import { ago, event, record, send, times } from "../fixtures/floor";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** One board tick, one beat of the page's slowest way, and baselines read a quarter of a minute after the start. */
const SOON = { timeout: 45_000 };

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
  ["r-under-one", 1, 101, "ok"],
  ["r-one", 1, 100, "warn"],
  ["r-five", 5, 100, "warn"],
  ["r-above", 6, 119, "crit"],
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

test("each band flips at its exact boundary", async ({ browser }) => {
  test.setTimeout(180_000);
  const server = await startRingside();
  try {
    const before = dids.flatMap(([did]) => times(1_000, (i) => hungUp(did, i % 5 < 2, ago(DAY * (1 + (i % 7)) + 10 * MINUTE))));
    await send(server.url, before);
    await send(server.url, [
      ...campaigns.flatMap(([id, abandoned, of]) => times(of, (i) => live(id, i < abandoned))),
      ...routes.flatMap(([route, faults, of]) =>
        times(of, (i) => record({ route, campaign: "routes", mode: "preview", started: ago(2 * MINUTE), ended: 1_000, sip_code: i < faults ? 503 : 486 }))),
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
    // Names become anchors: every character that is neither letter nor digit is its number.
    const anchor = (panel: string, key: string) => `#${panel}-${key.replace(/[^A-Za-z0-9]/g, (c) => `_${c.charCodeAt(0).toString(16)}`)}`;
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
