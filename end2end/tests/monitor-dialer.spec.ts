// The hand on the switch, in the browser, against a real dialer on a real socket and beside a storm of 500 events a second:
// whatever is tapped twice, retried or loaded anew, the dialer hears of it once, and the page says how it stands at every
// step; also where the dialer is slow, refuses, is silent, or is dead.
import type { Page } from "@playwright/test";
import { Dialer } from "../fixtures/dialer";
import { ago, event, record, send, times } from "../fixtures/floor";
import { type Ringside, awake, expect, startRingside, test } from "../fixtures/ringside";
import { Storm } from "../fixtures/storm";

/** A dialer's word, the board's tick, a beat of the page, on a busy machine. */
const SOON = { timeout: 20_000 };
const CAMPAIGNS = ["slow", "sure", "refusing", "silent", "dead"] as const;
type Campaign = (typeof CAMPAIGNS)[number];

let floor: Ringside;
let storm: Storm;
let dialers: Record<Campaign, Dialer>;

test.describe.configure({ mode: "serial" });
test.setTimeout(90_000);

/** A zone in which half an hour ago was the same day. */
function whereItIsNoon(): string {
  const ahead = 12 - new Date().getUTCHours();
  return ahead === 0 ? "UTC" : `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
}

const told = (campaign: string, status: string) => event("campaign.updated", new Date(), { campaign, name: `The ${campaign} one`, status });

test.beforeAll(async () => {
  const started = await Promise.all(CAMPAIGNS.map(async (campaign) => [campaign, await Dialer.start()] as const));
  dialers = Object.fromEntries(started) as typeof dialers;
  const more: Partial<Record<Campaign, string>> = {
    sure: 'confirm = "answer"',
    // Slow, not silent: however long this test takes on a busy machine.
    slow: "answer_within_ms = 120000",
    silent: "answer_within_ms = 1500\nconfirm_within_ms = 1500",
  };
  const table = (campaign: Campaign) =>
    `[[control.http]]\ncampaigns = ["${campaign}"]\nurl = "${dialers[campaign].template}"\n${more[campaign] ?? ""}\n`;
  floor = await startRingside({ config: `zone = "${whereItIsNoon()}"\n${CAMPAIGNS.map(table).join("\n")}` });
  const up = (call_id: string) =>
    event("call.started", ago(5_000), { call_id, campaign: "slow", direction: "outbound", from: "+12025550100", to: "+442079460018" });
  await send(floor.url, [
    ...CAMPAIGNS.map((campaign) => told(campaign, "active")),
    told("stormy", "active"),
    up("up-1"),
    up("up-2"),
    // Of half an hour ago: the day has a course that can be drawn.
    ...times(30, () => record({ campaign: "stormy", started: ago(30 * 60_000), ended: 20_000, sip_code: 486 })),
  ]);
  storm = new Storm(floor.url, "stormy");
  await expect
    .poll(async () => (await (await fetch(`${floor.url}/api/v1/views/monitor`)).json()).totals.active_campaigns, SOON)
    .toBe(CAMPAIGNS.length + 1);
});

test.afterAll(async () => {
  await storm?.end();
  await floor?.dispose();
  await Promise.all(Object.values(dialers ?? {}).map((dialer) => dialer.dies().catch(() => {})));
});

async function open(page: Page, path = "/monitor"): Promise<void> {
  await page.goto(`${floor.url}${path}`);
  await awake(page);
}

/** What the page says of a campaign. */
function card(page: Page, campaign: Campaign) {
  const here = page.locator(`.camp[data-key="${campaign}"], .head[data-key="${campaign}"]`);
  return {
    badge: here.locator(".badge"),
    said: here.locator(".asked"),
    undo: here.locator(".undo"),
    button: here.locator(".switch"),
  };
}

/** The steps that the audit log has of a campaign, oldest first. */
async function steps(campaign: Campaign): Promise<string[]> {
  const log = await (await fetch(`${floor.url}/api/v1/audit?campaign=${campaign}`)).json();
  return log.rows.map((row: { action: string; step: string }) => `${row.action} ${row.step}`).reverse();
}

const paths = (campaign: Campaign) => dialers[campaign].asked.map((asked) => asked.path);

test("a slow dialer: tapped twice, answer lost, loaded anew, tapped elsewhere; it hears of it once, and each step is told", async ({ page, browser }) => {
  const dialer = dialers.slow;
  dialer.isSilent();
  await open(page);
  await page.getByLabel("Repaint").selectOption("1s");
  const slow = card(page, "slow");
  await expect(slow.badge).toHaveText("Active");
  // The first answer of our server is lost on its way: the request arrived, and the page does not know.
  const keys: string[] = [];
  await page.route("**/api/v1/campaigns/slow/pause", async (route) => {
    keys.push(route.request().headers()["idempotency-key"] ?? "");
    if (keys.length > 1) return route.continue();
    await route.fetch();
    return route.abort("connectionreset");
  });
  await slow.button.dblclick();
  await expect(slow.said).toContainText(/Pause requested \d\d:\d\d:\d\d by loopback; waiting for the dialer/, SOON);
  expect(keys.length, "sent again once").toBe(2);
  expect(new Set(keys).size, "as the same request").toBe(1);
  await expect(slow.badge, "only the dialer’s word makes it so").toHaveText("Active");
  await expect(slow.button).toHaveText("Pausing…");
  await expect(slow.button).toHaveAttribute("aria-disabled", "true");
  await expect.poll(() => paths("slow"), SOON).toEqual(["/campaigns/slow/pause"]);

  // Loaded anew it says the same, from the first paint on.
  await page.reload();
  await expect(slow.said).toContainText("waiting for the dialer");
  await awake(page);
  await expect(slow.said).toContainText("waiting for the dialer");
  await expect(slow.badge).toHaveText("Active");
  // So does another screen, from near; a tap there is the same request.
  const other = await browser.newPage();
  await open(other, "/monitor/slow");
  const near = card(other, "slow");
  await expect(near.said).toContainText("waiting for the dialer");
  // The button waits (aria-disabled); a finger does not know.
  await near.button.click({ force: true });
  await slow.button.click({ force: true });
  await expect(near.said).toContainText("waiting for the dialer");
  await expect.poll(async () => (await steps("slow")).filter((step) => step === "pause repeated").length, SOON).toBeGreaterThanOrEqual(2);
  expect(paths("slow")).toEqual(["/campaigns/slow/pause"]);

  // It took the request; that is not yet its word that the campaign is paused.
  dialer.answers(200);
  await expect.poll(() => floor.output, SOON).toContain("the dialer answered");
  await expect(slow.badge).toHaveText("Active");
  await expect(slow.said).toContainText("waiting for the dialer");
  await send(floor.url, [told("slow", "paused")]);
  for (const at of [slow, near]) {
    await expect(at.badge).toHaveText("Paused", SOON);
    await expect(at.said).toContainText(/Paused by loopback; the dialer confirmed\s\d\d:\d\d:\d\d\s·\s2\scalls\sdraining/, SOON);
    await expect(at.button).toHaveText("Resume");
  }
  await send(floor.url, [event("call.ended", new Date(), { call_id: "up-1", outcome: "completed" })]);
  await expect(slow.said).toContainText("1 call draining", SOON);
  await send(floor.url, [event("call.ended", new Date(), { call_id: "up-2", outcome: "completed" })]);
  await expect(slow.said).not.toContainText("draining", SOON);
  await expect(slow.said).toContainText("the dialer confirmed");
  expect(paths("slow"), "once").toEqual(["/campaigns/slow/pause"]);
  const log = await steps("slow");
  for (const step of ["pause asked", "pause confirmed", "pause done"]) {
    expect(log.filter((each) => each === step), step).toHaveLength(1);
  }
  await other.close();
});

test("a dialer whose answer is its word: paused at once, and taken back within ten seconds", async ({ page }) => {
  await open(page, "/monitor/sure");
  const sure = card(page, "sure");
  await sure.button.dblclick();
  await expect(sure.said).toContainText(/Paused by loopback; the dialer confirmed/, SOON);
  await expect(sure.undo).toHaveText(/Undo \d+\ss/);
  expect(paths("sure")).toEqual(["/campaigns/sure/pause"]);
  await sure.undo.dblclick();
  await expect(sure.said).toContainText(/Resumed by loopback; the dialer confirmed/, SOON);
  await expect(sure.badge).toHaveText("Active", SOON);
  await expect(sure.button).toHaveText("Pause");
  expect(paths("sure")).toEqual(["/campaigns/sure/pause", "/campaigns/sure/resume"]);
});

test("a dialer that refuses is quoted, and all is as before", async ({ page }) => {
  dialers.refusing.answers(409, "calling hours end at 18:00");
  await open(page);
  const refusing = card(page, "refusing");
  await refusing.button.dblclick();
  await expect(refusing.said).toHaveClass(/\bcrit\b/, SOON);
  await expect(refusing.said).toContainText(/Pause refused: .*409.*calling hours end at 18:00.*All is as before/);
  await expect(refusing.badge).toHaveText("Active");
  await expect(refusing.button).toHaveText("Pause");
  await expect(refusing.button).toHaveAttribute("aria-disabled", "false");
  await expect(refusing.undo).toBeHidden();
  await page.reload();
  await expect(refusing.said).toContainText("calling hours end at 18:00");
  await expect(refusing.badge).toHaveText("Active");
  expect(paths("refusing")).toEqual(["/campaigns/refusing/pause"]);
});

test("a dialer that is silent is told of as such, and its late word mends it", async ({ page }) => {
  dialers.silent.isSilent();
  await open(page);
  await page.getByLabel("Repaint").selectOption("1s");
  const silent = card(page, "silent");
  await silent.button.dblclick();
  await expect(silent.said).toContainText("waiting for the dialer");
  await expect(silent.said).toHaveClass(/\bwarn\b/, SOON);
  await expect(silent.said).toContainText(/Pause not confirmed in time: .*did not answer within 1500\sms.*last word/);
  await expect(silent.badge).toHaveText("Active");
  await expect(silent.button).toHaveText("Pause");
  await send(floor.url, [told("silent", "paused")]);
  await expect(silent.badge).toHaveText("Paused", SOON);
  await expect(silent.said).toContainText(/Paused by loopback; the dialer confirmed/, SOON);
  expect(paths("silent")).toEqual(["/campaigns/silent/pause"]);
});

test("a dialer that is dead is told of at once, and is asked again only when somebody taps again", async ({ page }) => {
  await dialers.dead.dies();
  await open(page, "/monitor/dead");
  const dead = card(page, "dead");
  await dead.button.dblclick();
  await expect(dead.said).toHaveClass(/\bcrit\b/, SOON);
  await expect(dead.said).toContainText(/Pause refused: .*can.t be reached.*All is as before/);
  await expect(dead.badge).toHaveText("Active");
  await expect(dead.button).toHaveText("Pause");
  await page.reload();
  await expect(dead.said).toContainText("reached");
  expect((await steps("dead")).filter((step) => step === "pause asked")).toHaveLength(1);
  expect(dialers.dead.asked).toEqual([]);
});

test("the day’s charts mark what was paused, and who did it", async ({ page }) => {
  // The day's figures are made anew some seconds after the start, then every five minutes.
  const marks = async () => (await (await fetch(`${floor.url}/api/v1/views/daily`)).json()).marks.rows.length;
  await expect.poll(marks, { timeout: 60_000 }).toBeGreaterThan(0);
  const answer = await page.goto(`${floor.url}/daily`);
  expect((await answer?.text())?.match(/<text[^>]*>\s*The slow/g)?.length, "in the pictures of the first paint").toBeGreaterThan(0);
  for (const panel of ["volume", "reach"]) {
    const chart = page.locator(`#${panel} [role=img]`);
    await expect(chart).toHaveAttribute("aria-label", /The slow one paused \d\d:\d\d by loopback/);
    expect(await (await fetch(`${floor.url}/panel/${panel}.svg`)).text()).toContain("The slow");
  }
});

test("the storm was one", async () => {
  const rate = await storm.end();
  test.info().annotations.push({ type: "events a second", description: rate.toFixed(0) });
  expect(rate).toBeGreaterThan(450);
});
