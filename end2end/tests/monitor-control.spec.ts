// Pause and resume from the page (S47): one tap, no question, and the truth at every step. The demo's dialer does as it is
// asked; a server without a dialer refuses; a server with a key asks for it once.
import type { Page } from "@playwright/test";
import { ago, event, send } from "../fixtures/floor";
import { type Ringside, awake, expect, startRingside, test } from "../fixtures/ringside";

const FLOOR_IS_UP = { timeout: 90_000 };
const DIALER = { timeout: 30_000 };
const card = (page: Page, key: string) => page.locator(`.camp[data-key="${key}"]`);

async function open(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await awake(page);
}

test("a tap pauses, the dialer confirms, and within ten seconds it is undone (S47)", async ({ browser }) => {
  test.setTimeout(180_000);
  const demo = await startRingside({ command: ["demo"] });
  try {
    const page = await browser.newPage();
    const posts: string[] = [];
    page.on("request", (request) => {
      if (request.method() === "POST") posts.push(`${new URL(request.url()).pathname} ${request.headers()["idempotency-key"]}`);
    });
    // Up and running: what happened is a moment ago, so the dialer's word comes in time.
    await expect
      .poll(async () => {
        const frame = await (await fetch(`${demo.url}/api/v1/views/monitor`)).json();
        return frame.totals.active_campaigns > 1 && Date.now() - Date.parse(frame.newest_event ?? 0) < 10_000;
      }, FLOOR_IS_UP)
      .toBe(true);
    // The slowest way to repaint: what is said of a request does not wait for it.
    await open(page, `${demo.url}/monitor`);
    await page.getByLabel("Repaint").selectOption("60s");
    const key = (await page.locator(".camp:has(.badge.ok)").first().getAttribute("data-key")) ?? "";
    const campaign = card(page, key);
    const pause = campaign.getByRole("button", { name: "Pause" });
    await expect(pause).toHaveClass(/pause/);
    await pause.dblclick();
    await expect(campaign.locator(".asked")).toContainText(/requested|confirmed/);
    await expect(campaign.locator(".badge")).toHaveText("Paused", DIALER);
    await expect(campaign.locator(".asked")).toContainText("the dialer confirmed");
    await expect(campaign.getByRole("button", { name: "Resume" })).toBeVisible();
    expect(posts.filter((post) => post.includes("/pause"))).toHaveLength(1);
    const undo = campaign.getByRole("button", { name: /Undo \d+\ss/ });
    await expect(undo).toBeVisible();
    await undo.click();
    await expect(campaign.locator(".badge")).toHaveText("Active", DIALER);
    await expect(campaign.getByRole("button", { name: "Pause" })).toBeVisible();
    expect(posts).toHaveLength(2);
    expect(new Set(posts.map((post) => post.split(" ")[1])).size, "each request has a key of its own").toBe(2);

    // From near: the same switch, and the table says that it is paused.
    await page.getByLabel("Repaint").selectOption("1s");
    await campaign.getByRole("link").first().click();
    await expect(page.locator("main")).toHaveAttribute("data-page", "campaign");
    await awake(page);
    await page.getByRole("button", { name: "Pause" }).click();
    await expect(page.locator(".head .badge")).toHaveText("Paused", DIALER);
    await expect(page.locator(".calls .above")).toContainText(/Paused since \d\d:\d\d by loopback/, DIALER);
    await page.getByRole("button", { name: "Resume" }).click();
    await expect(page.locator(".head .badge")).toHaveText("Active", DIALER);
  } finally {
    await demo.dispose();
  }
});

/** A dialer at a port where nobody listens. */
const UNREACHED = '[[control.http]]\nurl = "http://127.0.0.1:9/{{ campaign }}/{{ action }}"\nconfirm = "answer"\n';

test.describe("without a dialer that answers", () => {
  let floor: Ringside;

  async function begin(env: Record<string, string> = {}, config: string | undefined = UNREACHED): Promise<void> {
    floor = await startRingside({ env, config });
    await send(floor.url, [event("campaign.updated", ago(60_000), { campaign: "solar", name: "Solar West", status: "active" })], env.RINGSIDE_INGEST_KEY);
    await expect
      .poll(async () => (await (await fetch(`${floor.url}/api/v1/views/monitor`)).json()).totals.active_campaigns, DIALER)
      .toBe(1);
  }

  test.afterEach(async () => floor?.dispose());

  test("where no dialer can be asked, Pause is not offered", async ({ page }) => {
    await begin({}, "");
    for (const path of ["/monitor", "/monitor/solar"]) {
      await open(page, `${floor.url}${path}`);
      await expect(page.locator(".badge").first()).toHaveText("Active");
      await expect(page.locator(".switch:visible")).toHaveCount(0);
    }
  });

  test("a refusal is said and nothing is guessed", async ({ page }) => {
    await begin();
    await open(page, `${floor.url}/monitor`);
    await card(page, "solar").getByRole("button", { name: "Pause" }).click();
    await expect(card(page, "solar").locator(".asked")).toHaveClass(/crit/);
    await expect(card(page, "solar").locator(".asked")).toContainText(/Not paused|refused/);
    await expect(card(page, "solar").locator(".badge")).toHaveText("Active");
    await expect(card(page, "solar").getByRole("button", { name: "Pause" })).toBeEnabled();
  });

  test("a key is asked for once and kept as long as the tab", async ({ page }) => {
    await begin({ RINGSIDE_CONTROL_KEY: "the-key-of-the-floor-lead-1", RINGSIDE_INGEST_KEY: "the-key-of-the-dialer-12345" });
    await open(page, `${floor.url}/monitor`);
    const pause = card(page, "solar").getByRole("button", { name: "Pause" });
    await pause.click();
    const dialog = page.getByRole("dialog", { name: "A key is needed" });
    await expect(dialog).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(card(page, "solar").locator(".badge")).toHaveText("Active");
    await pause.click();
    await dialog.getByLabel("Key").fill("the-key-of-the-floor-lead-1");
    await dialog.getByRole("button", { name: "Use this key" }).click();
    await expect(card(page, "solar").locator(".asked")).toContainText(/Not paused|refused|requested/);
    await open(page, `${floor.url}/monitor/solar`);
    await page.getByRole("button", { name: "Pause" }).click();
    await expect(page.locator(".head .asked")).toContainText(/Not paused|refused|requested/);
    await expect(dialog).toBeHidden();
  });
});
