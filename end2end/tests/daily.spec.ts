// The daily page: its figures are the API's, a past day stands at its address, and it never looks newer than it is.
import AxeBuilder from "@axe-core/playwright";
import { ago, event, record, send, times } from "../fixtures/floor";
import { type Ringside, expect, startRingside, test } from "../fixtures/ringside";

let floor: Ringside;

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Calls of one moment: 40 of 100 answered by people and handled, 5 failed. */
const calls = (at: Date) =>
  times(100, (i) =>
    record({
      campaign: "solar",
      route: "beta",
      mode: "predictive",
      started: new Date(at.getTime() + i),
      ...(i < 40 ? { progress: 1000, answered: 3000, bridged: 3500, agent: "ada", ended: 63_000 } : {}),
      ...(i >= 40 ? { ended: 5000, sip_code: i < 45 ? 500 : 486 } : {}),
    }),
  );

test.beforeAll(async () => {
  floor = await startRingside();
  const today = new Date();
  today.setUTCHours(0, 0, 1, 0);
  await send(floor.url, [
    event("campaign.updated", ago(3 * DAY), { campaign: "solar", name: "Solar West" }),
    ...calls(today),
    ...calls(new Date(today.getTime() - 2 * DAY)),
    ...calls(new Date(today.getTime() - 2 * DAY)),
  ]);
});

test.afterAll(async () => floor?.dispose());

const date = (daysAgo: number) => new Date(Date.now() - daysAgo * DAY).toISOString().slice(0, 10);

interface Row {
  kpi: string;
  part: number;
  whole: number;
}

/** What the API says of a day's KPI. */
async function kpi(day: string, id: string): Promise<Row> {
  const frame = await (await fetch(`${floor.url}/api/v1/views/daily?date=${day}`)).json();
  return frame.kpis.rows.find((row: Row) => row.kpi === id);
}

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("a past day is a page of its own, and its figures are the API's", async ({ page }) => {
    const day = date(2);
    const response = await page.goto(`${floor.url}/daily?date=${day}`);
    expect(response?.status()).toBe(200);
    const connect = await kpi(day, "connect_rate");
    expect(connect).toMatchObject({ part: 80, whole: 200 });
    await expect(page.locator("#kpi-connect_rate strong")).toContainText("40.0");
    expect((await kpi(day, "calls_per_minute")).part).toBe(200);
    await expect(page.locator("#kpi-calls_per_minute strong")).toContainText("200");
    await expect(page.locator("#kpi-error_rate strong")).toContainText("5.0");
    await expect(page.locator("#kpi-error_rate")).toContainText("Target below 1 %: missed");
    await expect(page.locator("#campaigns-solar")).toContainText("Solar West");
    await expect(page.locator("#agents-ada td").nth(1)).toHaveText("80");
    await expect(page.locator("#volume svg:visible")).toHaveCount(1);
    // It leads on, and the worst is said first, with a link to it.
    await expect(page.getByRole("link", { name: "The day after" })).toHaveAttribute("href", `/daily?date=${date(1)}`);
    await expect(page.locator(".sentence .clause").first()).toHaveAttribute("href", /^#/);
    expect(await response?.text()).toMatch(/<meta http-equiv="refresh" content="300"/);
  });

  test("a day without calls and a day that is none say so", async ({ page }) => {
    await page.goto(`${floor.url}/daily?date=${date(1)}`);
    await expect(page.locator(".sentence")).toContainText("There were no calls on this day.");
    const response = await page.goto(`${floor.url}/daily?date=2026-02-30`);
    expect(response?.status()).toBe(400);
    await expect(page.getByRole("main")).toContainText("`2026-02-30` is no date");
    await page.getByRole("link", { name: "Show today" }).click();
    await expect(page.locator(".which")).toContainText("Today so far");
  });
});

test("a figure explains itself by a click and by the keyboard", async ({ page, troubles }) => {
  await page.goto(`${floor.url}/daily?date=${date(2)}`);
  await expect(page.locator(".age b")).toHaveText("Updated");
  const figure = page.locator("#kpi-connect_rate button.n");
  await figure.click();
  const told = page.locator("#kpi-connect_rate-told");
  await expect(told).toBeVisible();
  for (const said of ["answered live ÷ resolved", "80", "200", "operations panel 4"]) await expect(told).toContainText(said);
  await page.keyboard.press("Escape");
  await expect(told).toBeHidden();
  await expect(figure).toBeFocused();
  expect(troubles).toEqual([]);
});

test("it takes over what is new and leaves focus, scroll and an open explanation alone", async ({ page }) => {
  const row = page.locator("#campaigns-solar");
  await page.goto(`${floor.url}/daily?date=${date(2)}`);
  await expect(page.locator(".age b")).toHaveText("Updated");
  await row.getByRole("button").click();
  const told = page.locator("#campaigns-solar-told");
  await expect(told).toBeVisible();
  await page.evaluate(() => {
    Object.assign(document.querySelector("#campaigns-solar")!, { marker: "here" });
    document.querySelector<HTMLElement>("#campaigns-solar button")!.focus();
    window.scrollTo(0, 240);
  });
  // Another call of this day came in, and another campaign stands before it now.
  await page.route("**/api/v1/views/daily?*", async (route) => {
    const answer = await route.fetch();
    const frame = await answer.json();
    const [solar] = frame.campaigns.rows;
    solar.attempts += 1;
    frame.campaigns.rows = [{ ...solar, campaign: "roof", name: "Roof" }, solar];
    await route.fulfill({ json: frame });
  });
  await page.evaluate(() => document.querySelector<HTMLElement>("header .refresh-now")!.click());
  await expect(row.locator("td").first()).toContainText("201");
  await expect(page.locator("#campaigns tbody tr").first()).toContainText("Roof");
  await expect(told).toBeVisible();
  await expect(told).toContainText("201");
  expect(await page.evaluate(() => (document.querySelector("#campaigns-solar") as never as { marker?: string }).marker)).toBe("here");
  await expect(row.getByRole("button")).toBeFocused();
  expect(await page.evaluate(() => window.scrollY)).toBe(240);
});

test("with the server gone the page says so at once and its figures turn stale", async ({ page }) => {
  const own = await startRingside();
  try {
    await page.clock.install();
    await page.goto(`${own.url}/daily`);
    await expect(page.locator(".age b")).toHaveText("Updated");
    await own.down();
    // Long before it would fetch itself anew.
    await page.clock.runFor(MINUTE / 2);
    await expect(page.locator(".age")).toContainText("connection lost, trying again");
    await expect(page.locator(".report")).toHaveAttribute("data-fresh", "stale");
    await own.up();
    // The page's clock is ours, the answer takes its own time.
    await expect(async () => {
      await page.clock.runFor(MINUTE);
      await expect(page.locator(".age b")).toHaveText("Updated", { timeout: 500 });
    }).toPass({ timeout: 20_000 });
  } finally {
    await own.dispose();
  }
});

for (const theme of ["dark", "light"] as const) {
  test(`nothing on it keeps anyone out, ${theme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.goto(`${floor.url}/daily?date=${date(2)}`);
    await expect(page.locator(".age b")).toHaveText("Updated");
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  });
}

test("on no screen, a phone’s least of all, anything needs to be scrolled sideways but tables", async ({ page }) => {
  await page.goto(`${floor.url}/daily?date=${date(2)}`);
  for (const width of [1280, 834, 390, 320]) {
    await page.setViewportSize({ width, height: 844 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(over, `${width} wide`).toBe(0);
  }
});
