// Reports, the day and the trend, are pages of the app: from one to another, to other days and other spans, without a
// document; with the reader's choices, keys and links as on every page.
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { ago, event, record, send, times } from "../fixtures/floor";
import { type Ringside, awake, expect, startRingside, test } from "../fixtures/ringside";

let floor: Ringside;

const DAY = 24 * 60 * 60_000;
const date = (daysAgo: number) => new Date(Date.now() - daysAgo * DAY).toISOString().slice(0, 10);

/** So many calls of a day at noon, a fifth of them answered by people. */
const calls = (daysAgo: number, count: number) => {
  const noon = new Date(Date.now() - daysAgo * DAY);
  noon.setUTCHours(12, 0, 0, 0);
  return times(count, (i) =>
    record({
      campaign: "solar",
      route: "beta",
      mode: "predictive",
      started: new Date(noon.getTime() + i),
      ...(i % 5 === 0 ? { progress: 2000, answered: 4000, bridged: 4500, agent: "ada", ended: 64_000 } : { ended: 5000, sip_code: 486 }),
    }),
  );
};

test.beforeAll(async () => {
  floor = await startRingside();
  await send(floor.url, [event("campaign.updated", ago(9 * DAY), { campaign: "solar", name: "Solar West" }), ...[1, 2, 3].flatMap((days) => calls(days, 100 * days))]);
  // Frames are made at the start, and every five minutes: the next ones know these calls.
  await floor.down();
  await floor.up();
  await expect.poll(async () => (await fetch(`${floor.url}/api/v1/views/trend?days=90`)).status, { timeout: 30_000 }).toBe(200);
});

test.afterAll(async () => floor?.dispose());

async function open(page: Page, path: string): Promise<void> {
  await page.goto(`${floor.url}${path}`);
  await awake(page);
  await page.evaluate(() => Object.assign(window, { marker: "here" }));
}

const isSameDocument = (page: Page) => page.evaluate(() => (window as never as { marker?: string }).marker === "here");
const menu = (page: Page) => page.getByRole("navigation", { name: "Pages" });
const follow = (page: Page, name: string) => menu(page).getByRole("link", { name }).click();
const total = (page: Page) => page.locator("#kpi-calls_per_minute strong");

test("from live to the day, to days before, to the trend and into one of its days, back and forward", async ({ page, troubles }) => {
  await open(page, "/live");
  await follow(page, "Daily");
  await expect(page).toHaveURL(/\/daily$/);
  await expect(page).toHaveTitle("Daily · Ringside");
  await expect(page.locator(".which")).toContainText("Today so far");
  await expect(menu(page).locator("[aria-current=page]")).toHaveText("Daily");
  await expect(page.locator("main")).toBeFocused();
  await expect(page.locator(".age b")).toHaveText("Updated");
  await expect(page.locator(".site-time time")).toHaveText(/^\d\d:\d\d:\d\d$/);

  await page.getByRole("link", { name: "The day before" }).click();
  await expect(page).toHaveURL(new RegExp(`date=${date(1)}$`));
  await expect(total(page)).toContainText("100");
  await page.getByRole("link", { name: "The day before" }).click();
  await expect(total(page)).toContainText("200");
  await expect(page.getByLabel("Another day")).toHaveValue(date(2));

  await follow(page, "Trend");
  await expect(page).toHaveURL(/\/trend$/);
  await expect(page.locator("[id^=day-]")).toHaveCount(30);
  await page.getByRole("link", { name: "7 days" }).click();
  await expect(page.locator("[id^=day-]")).toHaveCount(7);
  await page.getByRole("link", { name: "Manager" }).click();
  await expect(page).toHaveURL(/days=7&role=manager$/);
  await expect(page.locator(".report-panels > .panel").first()).toHaveAttribute("id", "leading");
  await page.locator(`#day-${date(3)}`).getByRole("link").click();
  await expect(total(page)).toContainText("300");

  await page.goBack();
  await expect(page.locator("[id^=day-]")).toHaveCount(7);
  await expect(page.locator(".report-panels > .panel").first()).toHaveAttribute("id", "leading");
  for (const days of [7, 30]) {
    await page.goBack();
    await expect(page.locator("[id^=day-]")).toHaveCount(days);
  }
  await page.goBack();
  await expect(total(page)).toContainText("200");
  await page.goBack();
  await expect(total(page)).toContainText("100");
  await page.goForward();
  await expect(total(page)).toContainText("200");
  await follow(page, "Live");
  await expect(page.locator(".live")).toBeVisible();
  await expect.poll(() => page.locator(".live").getAttribute("data-fresh")).not.toBe("painted");
  expect(await isSameDocument(page)).toBe(true);
  expect(troubles).toEqual([]);
});

test("a day is chosen by its date, by keys, and by the keyboard alone", async ({ page }) => {
  await open(page, "/daily");
  await page.getByLabel("Another day").fill(date(2));
  await page.keyboard.press("Enter");
  await expect(total(page)).toContainText("200");
  await expect(page).toHaveURL(new RegExp(`date=${date(2)}$`));
  await page.locator("main").focus();
  await page.keyboard.press("[");
  await expect(total(page)).toContainText("300");
  await page.keyboard.press("]");
  await expect(total(page)).toContainText("200");
  await page.getByRole("link", { name: "Today", exact: true }).focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/daily$/);
  await expect(page.locator(".which")).toContainText("Today so far");
  expect(await isSameDocument(page)).toBe(true);
});

test("theme and pace are kept, and a page that is renewed each five minutes has no pace to choose", async ({ page }) => {
  await open(page, "/live");
  await page.getByLabel("Repaint").selectOption("1s");
  await page.getByLabel("Theme").selectOption("light");
  await follow(page, "Daily");
  await expect(page.locator(".report")).toBeVisible();
  await expect(page.getByLabel("Theme")).toHaveValue("light");
  await expect(page.getByLabel("Repaint")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Refresh now" })).toBeVisible();
  await follow(page, "Monitor");
  await expect(page.getByLabel("Repaint")).toHaveValue("1s");
  expect(await isSameDocument(page)).toBe(true);
});

test("a day opens elsewhere where that is asked for, and the page stays", async ({ page, context }) => {
  await open(page, "/trend?days=7");
  const link = page.locator(`#day-${date(2)}`).getByRole("link");
  for (const how of [{ button: "middle" as const }, { modifiers: ["ControlOrMeta" as const] }]) {
    const [other] = await Promise.all([context.waitForEvent("page"), link.click(how)]);
    await expect(total(other)).toContainText("200");
    await other.close();
  }
  await expect(page).toHaveURL(/\/trend\?days=7$/);
  expect(await isSameDocument(page)).toBe(true);
});

test("what is no day says so, and leads on within the app; on the way back it says so again", async ({ page }) => {
  await open(page, "/daily?date=2026-02-30");
  await expect(page.getByRole("main")).toContainText("`2026-02-30` is no date");
  await page.getByRole("link", { name: "Show today" }).click();
  await expect(page.locator(".which")).toContainText("Today so far");
  expect(await isSameDocument(page)).toBe(true);
  await page.goBack();
  await expect(page.getByRole("main")).toContainText("`2026-02-30` is no date");
});

test("where the server can't be reached a report says so, and goes on when it is back", async ({ page }) => {
  await open(page, "/live");
  await page.route("**/api/v1/views/trend*", (route) => route.abort());
  await follow(page, "Trend");
  await expect(page.getByRole("main")).toContainText("The figures are on their way");
  await expect(page.locator(".age")).toContainText("connection lost, trying again");
  await page.unroute("**/api/v1/views/trend*");
  await expect(page.locator("[id^=day-]")).toHaveCount(30, { timeout: 15_000 });
  await expect(page.locator(".age b")).toHaveText("Updated");
  expect(await isSameDocument(page)).toBe(true);
});

test("a cost that was told is in the figures, also after they are asked for anew", async ({ page }) => {
  await open(page, "/trend?days=7");
  const form = page.locator("form.costs");
  await form.getByLabel("Month").fill(date(1).slice(0, 7));
  await form.getByLabel("Amount").fill("1234.50");
  await form.getByLabel("Currency").fill("EUR");
  await form.getByRole("button", { name: "Save cost" }).click();
  await expect(page.getByText("Taken: the telephony cost of")).toBeVisible();
  await awake(page);
  await expect(page, "said once").toHaveURL(/\/trend\?days=7$/);
  await expect(page.locator("#costs tbody")).toContainText("1,234.50 EUR");
  const anew = page.waitForResponse(/views\/trend\?days=7/);
  await page.getByRole("button", { name: "Refresh now" }).click();
  expect((await (await anew).json()).costs.rows).toHaveLength(1);
  await expect(page.locator("#costs tbody")).toContainText("1,234.50 EUR");
});

for (const theme of ["dark", "light"] as const) {
  test(`nothing keeps anyone out of what was gone to, ${theme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await open(page, "/live");
    for (const name of ["Daily", "Trend"]) {
      await follow(page, name);
      await expect(page.locator(".age b")).toHaveText("Updated");
      await expect(page.locator(".report-panels .panel").first()).toBeVisible();
      expect((await new AxeBuilder({ page }).analyze()).violations, name).toEqual([]);
    }
  });
}
