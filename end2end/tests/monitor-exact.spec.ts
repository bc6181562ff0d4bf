// The monitor's rows S40–S54 at their exact edges, on a floor whose every count the test knows: choices of refresh, colours,
// shares, times to the end, the five minutes, the seven outcomes, and what is said of a trouble.
import type { Locator, Page } from "@playwright/test";
import { ago, event, record, send, times } from "../fixtures/floor";
import { type Ringside, awake, expect, startRingside, test } from "../fixtures/ringside";

const MINUTE = 60_000;
const SOON = { timeout: 30_000 };

let floor: Ringside;
let made = 0;

const told = (campaign: string, data: object, at = ago(20 * MINUTE)) => event("campaign.updated", at, { campaign, name: campaign, ...data });
/** A call that began so long ago and took so long. */
const call = (campaign: string, began: number, data: object, took = 20_000) =>
  record({ campaign, started: ago(began), ended: took, mode: "agentless", ...data } as never);
const up = (campaign: string, began: number, to = "+442079460018") =>
  event("call.started", ago(began), { call_id: `up${++made}`, direction: "outbound", campaign, from: "+12025550100", to });
const card = (page: Page, key: string) => page.locator(`.camp[data-key="${key}"]`);
const figure = (at: Locator, name: string) => at.locator(`[data-f=${name}]`).first();

/** The seven outcomes, each with as many calls as its place in the list. */
const SEVEN: [string, object][] = [
  ["completed", { answered: 5_000 }],
  ["answered", { answered: 5_000, mode: "predictive", answered_by: "machine" }],
  ["busy", { sip_code: 486 }],
  ["no_answer", { sip_code: 480 }],
  ["failed", { sip_code: 404 }],
  ["cancelled", { sip_code: 487 }],
  ["congestion", { sip_code: 503 }],
];

test.beforeAll(async () => {
  test.setTimeout(120_000);
  // Switches are offered where a dialer can be asked; here nobody does.
  floor = await startRingside({ config: '[[control.http]]\nurl = "http://127.0.0.1:9/{{ campaign }}"\nconfirm = "answer"\n' });
  await send(floor.url, [
    // 40 of 200 are done, 30 completed and 10 failed, two a minute in the last quarter of an hour.
    told("half", { status: "active", destinations: 200, cac_limit: 8, rate_limited: false, destination: "Desk 1" }),
    ...times(30, (i) => call("half", 14 * MINUTE - i * 20_000, { answered: 4_000, final: true })),
    ...times(10, (i) => call("half", 30 * MINUTE - i * 1_000, { sip_code: 486, final: true })),
    told("resting", { status: "paused", reason: "operator", destinations: 200, rate_limited: true }),
    told("finished", { status: "active", destinations: 2 }),
    ...times(2, () => call("finished", 5 * MINUTE, { answered: 4_000, final: true })),
    told("untold", { status: "active" }),
    told("idle", { status: "active", destinations: 50 }),
    told("blocked", { status: "paused", reason: "schedule", destinations: 40 }),
    told("seven", { status: "active" }),
    ...SEVEN.flatMap(([, data], at) => times(at + 1, () => call("seven", 10 * MINUTE, data))),
    // Either side of five minutes; one of before that is still up.
    told("window", { status: "active" }),
    ...times(4, () => call("window", 4 * MINUTE, { sip_code: 486 })),
    ...times(3, () => call("window", 6 * MINUTE, { sip_code: 480 })),
    up("window", 8 * MINUTE, "+442079460077"),
  ]);
  await expect
    .poll(async () => (await (await fetch(`${floor.url}/api/v1/views/monitor/window`)).json()).figures?.ended, SOON)
    .toBe(7);
});

test.afterAll(async () => floor?.dispose());

async function open(page: Page, path = "/monitor"): Promise<void> {
  await page.goto(`${floor.url}${path}`);
  await awake(page);
}

/** A token of the style as the browser computes it: `rgb(…)`. */
async function token(page: Page, name: string): Promise<string> {
  return page.evaluate((name) => {
    const probe = document.createElement("i");
    probe.style.color = `var(--${name})`;
    document.body.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  }, name);
}

test.describe("refresh (S40)", () => {
  test("all choices are there, ten seconds first, and each is kept over pages and visits", async ({ page }) => {
    await open(page);
    const choice = page.getByLabel("Repaint");
    await expect(choice).toHaveValue("10s");
    const choices = await choice.locator("option").evaluateAll((all) => all.map((each) => (each as HTMLOptionElement).value));
    expect(choices).toEqual(expect.arrayContaining(["manual", "1s", "5s", "10s", "20s", "30s", "60s"]));
    for (const [at, each] of ["manual", "1s", "5s", "10s", "20s", "30s", "60s"].entries()) {
      await choice.selectOption(each);
      expect(await page.evaluate(() => localStorage.getItem("ringside.refresh"))).toBe(each);
      await open(page, at % 2 === 0 ? "/monitor/half" : "/monitor");
      await expect(choice).toHaveValue(each);
      await expect(page.getByRole("button", { name: /Refresh now/ })).toBeVisible();
    }
    // Another visit of the same browser.
    const again = await page.context().newPage();
    await again.goto(`${floor.url}/monitor`);
    await awake(again);
    await expect(again.getByLabel("Repaint")).toHaveValue("60s");
  });

  test("where storage is refused the choice lasts as long as the page", async ({ page, troubles }) => {
    await page.addInitScript(() => {
      Object.defineProperty(window, "localStorage", { get: () => { throw new DOMException("refused", "SecurityError"); } });
    });
    await open(page);
    await page.getByLabel("Repaint").selectOption("1s");
    await expect.poll(() => page.locator(".monitor").getAttribute("data-fresh")).toBe("live");
    await expect(page.getByLabel("Repaint")).toHaveValue("1s");
    expect(troubles).toEqual([]);
  });

  test("by hand nothing changes until asked; updates that wait are counted", async ({ page }) => {
    test.setTimeout(90_000);
    await send(floor.url, [told("by hand", { status: "active", destinations: 7 })]);
    await expect.poll(async () => (await fetch(`${floor.url}/api/v1/views/monitor/by%20hand`)).status, SOON).toBe(200);
    await open(page);
    await page.getByLabel("Repaint").selectOption("manual");
    const destinations = figure(card(page, "by hand"), "destinations");
    await expect(destinations).toHaveText("7");
    await send(floor.url, [told("by hand", { destinations: 8 }, new Date())]);
    const refresh = page.getByRole("button", { name: /Refresh now/ });
    const waiting = async () => Number.parseInt((await refresh.getAttribute("aria-label")) ?? "", 10) || 0;
    await expect.poll(waiting, { timeout: 30_000 }).toBeGreaterThanOrEqual(1);
    const first = await waiting();
    await expect(destinations).toHaveText("7");
    await expect.poll(waiting, { timeout: 30_000 }).toBeGreaterThan(first);
    await expect(destinations).toHaveText("7");
    await refresh.click();
    await expect(destinations).toHaveText("8");
    await expect(refresh).toHaveAccessibleName("Refresh now");
  });
});

test("completed is green, failed red, pending muted, and the bar is as long as their shares (S44, S45)", async ({ page }) => {
  await open(page);
  const half = card(page, "half");
  for (const [name, said] of [["completed", "30"], ["failed", "10"], ["pending", "160"]] as const)
    await expect(figure(half, name)).toHaveText(said);
  // As the key to the bar: a red figure would be an alarm.
  const key = (which: string) =>
    half.locator(`.m.${which} > span`).evaluate((name) => getComputedStyle(name, "::before").backgroundColor);
  expect(await key("good")).toBe(await token(page, "ok-fill"));
  expect(await key("bad")).toBe(await token(page, "crit-fill"));
  await expect(figure(half, "failed")).not.toHaveCSS("color", await token(page, "crit"));
  await expect(figure(half, "pending")).toHaveCSS("color", await token(page, "muted"));
  await expect(figure(half, "cac_utilisation")).toHaveText("0/8");
  await expect(figure(half, "progress")).toHaveText("20 % of the list done");
  const shares = await half.locator(".prog").evaluate((bar) => {
    const width = (part: string) => bar.querySelector(part)!.getBoundingClientRect().width / bar.getBoundingClientRect().width;
    return [width(".done"), width(".failed")];
  });
  expect(shares[0]).toBeCloseTo(0.15, 2);
  expect(shares[1]).toBeCloseTo(0.05, 2);
  for (const [campaign, said, state] of [["half", "rate OK", "ok"], ["resting", "rate limited", "warn"], ["untold", "rate not told", ""]] as const) {
    await expect(figure(card(page, campaign), "rate_limited")).toHaveText(said);
    if (state) await expect(figure(card(page, campaign), "rate_limited")).toHaveClass(new RegExp(`\\b${state}\\b`));
  }
});

test("pause is red where a campaign dials, resume green where it rests, without a question (S43, S47)", async ({ page }) => {
  await open(page);
  const red = await token(page, "crit");
  const green = await token(page, "switch");
  const pause = card(page, "half").locator(".switch");
  await expect(pause).toHaveText("Pause");
  await expect(pause).toHaveCSS("border-top-color", red);
  await expect(pause).toHaveCSS("color", red);
  const resume = card(page, "resting").locator(".switch");
  await expect(resume).toHaveText("Resume");
  await expect(resume).toHaveCSS("background-color", green);
  await expect(card(page, "half").locator(".badge")).toHaveText("Active");
  await expect(card(page, "resting").locator(".badge")).toHaveText("Paused");
  await expect(card(page, "half")).toContainText("to Desk 1");
});

test("the time to its end is the pace of fifteen minutes, and — where there is none, with why (S48)", async ({ page }) => {
  const eta = page.locator("[data-f=eta]");
  const why = page.locator(".eta small");
  for (const [campaign, reason] of [["resting", "paused"], ["finished", "all destinations are done"], ["untold", "destinations not told"], ["idle", "at rest"]] as const) {
    await open(page, `/monitor/${campaign}`);
    await expect(eta, campaign).toHaveText("—");
    await expect(why, campaign).toContainText(reason);
  }
  await open(page, "/monitor/half");
  const frame = await (await fetch(`${floor.url}/api/v1/views/monitor/half`)).json();
  const done: number = frame.progress.done_15m;
  expect(done, "those of half an hour ago are no part of the pace").toBeGreaterThan(20);
  expect(done).toBeLessThanOrEqual(30);
  // 160 left at `done` in 15 minutes, no finer than is known.
  const due = new Date(Date.parse(frame.as_of) + (160 * 15 * MINUTE) / done);
  const [told, grain] = [Date.parse(frame.progress.eta.at), frame.progress.eta.grain_s * 1_000];
  expect(grain).toBeGreaterThanOrEqual(MINUTE);
  expect(told % grain).toBe(0);
  expect(Math.abs(told - due.getTime())).toBeLessThan(grain);
  await expect(eta).toHaveText(/\d\d:\d\d$/);
  const minutes = (text: string) => text.slice(-5).split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  const shown = minutes(await eta.innerText());
  const expected = due.getUTCHours() * 60 + due.getUTCMinutes();
  const apart = Math.abs(shown - expected);
  expect(Math.min(apart, 1_440 - apart), "a pace that falls while the test looks on").toBeLessThanOrEqual(10);
  await expect(why).toContainText(/\d\d:\d\d to .*, at \d+(\.\d)? a minute/);
});

test("calls of five minutes, and those still up; calls a minute over the same (S49, S50)", async ({ page }) => {
  await open(page, "/monitor/window");
  const rows = page.locator(".panel.calls tbody tr");
  // Four of four minutes ago and the one that is up; none of six minutes ago.
  await expect(rows).toHaveCount(5);
  await expect(rows.filter({ hasText: "ended · busy" })).toHaveCount(4);
  await expect(rows.filter({ hasText: "ended · no answer" })).toHaveCount(0);
  const running = rows.filter({ hasText: "dialing" });
  await expect(running).toHaveCount(1);
  await expect(running.locator("td").last()).toHaveText(/^8:\d\d$|^9:\d\d$/);
  await expect(running.locator("th")).toContainText("••");
  await expect(rows.filter({ hasText: "ended" }).first().locator("td").last()).toHaveText("0:20");
  const six = page.locator(".cards.six");
  await expect(six.locator("> li")).toHaveCount(6);
  await expect(six.locator("> li").filter({ hasText: "Calls a minute" })).toContainText("0.8 over 5 min");
  await expect(figure(six, "active_calls")).toHaveText("1");
  await expect(figure(six, "rate_limited")).toHaveText("Not told");
  await open(page, "/monitor/half");
  await expect(figure(six, "average_call_duration")).toHaveText("0:16");
  await expect(figure(six, "answer_rate")).toHaveText("75.0 %");
  await expect(figure(six, "rate_limited")).toHaveText("OK");
});

test("every ended call is in one of seven outcomes, each in its colour, in ring, table and sum (S51)", async ({ page }) => {
  await open(page, "/monitor/seven");
  const colours = ["completed", "answered", "busy", "no-answer", "failed-calls", "cancelled", "congestion"];
  let sum = 0;
  for (const [at, [outcome]] of SEVEN.entries()) {
    const row = page.locator(`.became tr[data-key="${outcome}"]`);
    await expect(row.locator("td").first()).toHaveText(String(at + 1));
    await expect(row.locator(".swatch")).toHaveCSS("background-color", await token(page, colours[at] ?? ""));
    sum += at + 1;
    await expect(row.locator("td").last()).toHaveText(`${((100 * (at + 1)) / 28).toFixed(1)} %`);
  }
  await expect(page.locator(".became footer")).toContainText(`${sum} calls ended`);
  const hues = new Set(await Promise.all(colours.map((name) => token(page, name))));
  expect(hues.size, "no two alike").toBe(7);
  await expect(page.locator(".chart-ring [role=img]")).toHaveAttribute("aria-label", /^28 calls ended: .*completed 1 \(3\.6 %\)/);
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("the ring is drawn in the seven colours (S51)", async ({ page }) => {
    await page.goto(`${floor.url}/monitor/seven`);
    const ring = await page.locator(".chart-ring .chart-first > svg").innerHTML();
    for (const name of ["completed", "answered", "busy", "no-answer", "failed-calls", "cancelled", "congestion"]) {
      expect(ring).toContain(`var(--${name})`);
    }
  });
});

test("a trouble on a card tells its symptom, what to check, its figures and the next step, and leads to all of them (S53, S54)", async ({ page, troubles }) => {
  for (const path of ["/monitor", "/monitor/blocked"]) {
    await open(page, path);
    const at = page.locator('.camp[data-key="blocked"], .head[data-key="blocked"]');
    await expect(at.locator(".diagnosis")).toContainText("Blocked by schedule");
    await expect(at.locator(".diagnosis .next")).toContainText("calling hours");
    await at.getByRole("button", { name: "Blocked by schedule" }).click();
    const dialog = page.locator("dialog[aria-labelledby=explain-title]");
    const said = (label: string) => dialog.locator("dl > div").filter({ has: page.locator("dt", { hasText: new RegExp(`^${label}$`) }) }).locator("dd");
    await expect(said("Symptom")).toHaveText("A campaign is paused that should be active");
    await expect(said("Check")).toHaveText("The reason that the dialer gives for the pause");
    await expect(said("Paused by")).toHaveText("schedule");
    await expect(said("Left to call")).toHaveText("40 of 40");
    await expect(said("Next step")).toContainText("calling hours");
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
  }
  await page.locator('.head[data-key="blocked"]').getByRole("button", { name: "Blocked by schedule" }).click();
  await page.getByRole("link", { name: "All problems, and what to do" }).click();
  await expect(page).toHaveURL(/\/troubleshooting#schedule$/);
  await expect(page.locator(".troubles section", { has: page.locator("#problems-title") }).locator("tbody tr")).toHaveCount(11);
  await expect(page.locator("#schedule .now")).toHaveText("blocked");
  await expect(page.locator("#worker .now")).toHaveText("none");
  await page.locator("#schedule .now a").click();
  await expect(page).toHaveURL(/\/monitor\/blocked$/);
  expect(troubles).toEqual([]);
});

test("what can be wrong is there to read from the monitor, and fits a phone (S53)", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page);
  await page.getByRole("link", { name: "What can be wrong with a campaign, and what to do" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("What can be wrong with a campaign, and what to do");
  for (const word of ["worker", "schedule", "route", "staffing", "did", "pacing", "list", "queue", "idle", "call_limit", "rate_limited"]) {
    await expect(page.locator(`#${word} td`)).toHaveCount(5);
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});

test.describe("under a finger", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test("whatever can be pressed is 44 px, the switch 48, and nothing is cut off (U53)", async ({ page }) => {
    for (const path of ["/monitor", "/monitor/window", "/monitor/blocked", "/troubleshooting"]) {
      await page.goto(`${floor.url}${path}`);
      if (path !== "/troubleshooting") await awake(page);
      const small = await page.locator("main :is(button, a, select, input):visible").evaluateAll((all) =>
        all
          // The whole card is what its name's link covers.
          .map((each) => ({ each, box: (each.closest("h2")?.closest(".camp") ?? each).getBoundingClientRect() }))
          .filter(({ box }) => box.height < 44)
          .map(({ each, box }) => `${each.tagName} ${each.className} “${each.textContent}” ${box.width.toFixed(0)}×${box.height.toFixed(0)}`),
      );
      expect(small, path).toEqual([]);
      for (const box of await page.locator(".switch:visible").evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height))) {
        expect(box).toBeGreaterThanOrEqual(48);
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(390);
    }
    await page.goto(`${floor.url}/monitor/window`);
    await awake(page);
    const duration = await page.locator(".panel.calls tbody tr").first().locator("td").last().boundingBox();
    const panel = await page.locator(".panel.calls").boundingBox();
    expect((duration?.x ?? 0) + (duration?.width ?? 0), "the duration is in sight").toBeLessThanOrEqual((panel?.x ?? 0) + (panel?.width ?? 0));
    // Both buttons of the head stand side by side, as wide as each other.
    const [refresh, pause] = await Promise.all([".head > button:not(.switch)", ".head > .switch"].map((each) => page.locator(each).boundingBox()));
    expect(refresh?.y).toBe(pause?.y);
    expect(Math.abs((refresh?.width ?? 0) - (pause?.width ?? 0))).toBeLessThanOrEqual(1);
  });
});
