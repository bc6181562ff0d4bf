// The dialer worker's health (S52), from its own endpoint: healthy, degraded where it is slow or errs, offline after three
// polls without an answer and not before, with what that means for the campaigns; and well again.
import type { Page } from "@playwright/test";
import { ago, event, send } from "../fixtures/floor";
import { type Ringside, awake, expect, startRingside, test } from "../fixtures/ringside";
import { Worker } from "../fixtures/worker";

const SOON = { timeout: 20_000 };
/** Long enough for each poll's finding to be seen by a page that repaints four times a second. */
const POLL_S = 2;

let worker: Worker;
let floor: Ringside;

test.beforeEach(async () => {
  worker = await Worker.start();
  floor = await startRingside({ config: `[worker]\nurl = "${worker.url}"\nevery_s = ${POLL_S}\ntimeout_ms = 1000\nslow_ms = 300\n` });
  await send(floor.url, [
    event("campaign.updated", ago(20 * 60_000), { campaign: "solar", name: "Solar West", status: "active" }),
    event("campaign.updated", ago(20 * 60_000), { campaign: "rests", name: "Rests", status: "paused" }),
  ]);
});

test.afterEach(async () => {
  await floor?.dispose();
  await worker?.goes();
});

/** What the card has said, in order, without repetitions. */
async function heard(page: Page): Promise<string[]> {
  return page.evaluate(() => (window as unknown as { heard: string[] }).heard);
}

test("healthy, slow, failing, gone, and back: each as it is found (S52)", async ({ page }) => {
  test.setTimeout(120_000);
  await page.goto(`${floor.url}/monitor`);
  await awake(page);
  await page.getByLabel("Repaint").selectOption("250ms");
  const card = page.locator(".cards.four [data-key=worker]");
  const banner = page.locator(".banner");
  await expect(card).toContainText("Healthy", SOON);
  await expect(card).toContainText(/\d\sms/);
  await expect(card).toHaveClass(/\bok\b/);
  await expect(banner).toBeHidden();

  worker.answer = { after: 400, status: 200, body: "" };
  await expect(card).toContainText("Degraded", SOON);
  await expect(card).toContainText(/answers after \d+\sms, slow from 300\sms/);
  await expect(card).toHaveClass(/\bwarn\b/);
  worker.answer = { after: 0, status: 500, body: "" };
  await expect(card).toContainText("answers with status 500", SOON);
  await expect(card).toContainText("Degraded");
  worker.answer = { after: 0, status: 200, body: '{"status":"up"}' };
  await expect(card).toContainText("Healthy", SOON);

  await card.evaluate((element) => {
    const heard: string[] = [];
    (window as unknown as { heard: string[] }).heard = heard;
    const note = () => {
      const said = (element as HTMLElement).innerText.replace(/\s+/g, " ");
      if (heard.at(-1) !== said) heard.push(said);
    };
    new MutationObserver(note).observe(element, { subtree: true, childList: true, characterData: true });
  });
  await worker.goes();
  await expect(card).toContainText("Offline", SOON);
  const said = await heard(page);
  const offline = said.findIndex((each) => each.includes("Offline"));
  expect(said.slice(0, offline).some((each) => /Degraded.*1 poll\b/.test(each)), said.join("\n")).toBe(true);
  expect(said.slice(0, offline).some((each) => /Degraded.*2 polls in a row/.test(each)), said.join("\n")).toBe(true);
  expect(said[offline], "then what is known is its last answer").toMatch(/Offline last answer \d\d:\d\d/);

  await expect(banner).toBeVisible();
  await expect(banner).toContainText(/offline/);
  await expect(banner).toContainText(/campaigns? .*not (progress|go on|dial)/i);
  const solar = page.locator('.camp[data-key="solar"]');
  await expect(solar.locator(".diagnosis")).toContainText("Worker offline");
  await expect(page.locator('.camp[data-key="rests"] .diagnosis'), "who rests is not held up").toBeHidden();
  await page.goto(`${floor.url}/monitor/solar`);
  await expect(page.locator(".banner")).toBeVisible();

  await worker.comes();
  await expect(page.locator(".banner")).toBeHidden(SOON);
});
