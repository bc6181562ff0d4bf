// The trend page: its days are the API's, its panels stand in the order of one's role, and its form takes what a month cost.
import AxeBuilder from "@axe-core/playwright";
import { ago, event, record, send, times } from "../fixtures/floor";
import { type Ringside, expect, startRingside, test } from "../fixtures/ringside";

let floor: Ringside;

const DAY = 24 * 60 * 60_000;

const calls = (at: Date, answered: number) =>
  times(100, (i) =>
    record({
      campaign: "solar",
      route: "beta",
      country: "GB",
      mode: "predictive",
      started: new Date(at.getTime() + i),
      ...(i < answered
        ? { progress: 2000, answered: 4000, bridged: 4500, agent: "ada", ended: 64_000 }
        : { ended: 5000, sip_code: 486 }),
    }),
  );

test.beforeAll(async () => {
  floor = await startRingside();
  const noon = new Date();
  noon.setUTCHours(12, 0, 0, 0);
  await send(floor.url, [
    event("campaign.updated", ago(9 * DAY), { campaign: "solar", name: "Solar West" }),
    ...[1, 2, 3, 8].flatMap((days) => calls(new Date(noon.getTime() - days * DAY), 20 + days)),
  ]);
  // Frames are made every five minutes, and at the start: the next one knows these calls.
  await floor.down();
  await floor.up();
});

test.afterAll(async () => floor?.dispose());

const date = (daysAgo: number) => new Date(Date.now() - daysAgo * DAY).toISOString().slice(0, 10);

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("a day's figures are the API's and lead to its daily page", async ({ page }) => {
    await page.goto(`${floor.url}/trend?days=7`);
    const frame = await (await fetch(`${floor.url}/api/v1/views/trend?days=7`)).json();
    const day = frame.days.rows.find((row: { date: string }) => row.date === date(2));
    expect(day).toMatchObject({ attempts: 100, answered_live: 22, resolved: 100 });
    const row = page.locator(`#day-${date(2)}`);
    await expect(row.locator("td").nth(0)).toHaveText("100");
    await expect(row.locator("td").nth(1)).toHaveText("22.0 %");
    await expect(page.locator("[id^=day-]")).toHaveCount(7);
    await expect(page.locator("#day-" + date(0))).toContainText("so far");
    await row.getByRole("link").click();
    await expect(page.locator("#kpi-calls_per_minute strong")).toContainText("100");
  });

  test("role and span stand in the address and keep each other", async ({ page }) => {
    await page.goto(`${floor.url}/trend?days=7&role=manager`);
    await expect(page.locator(".report-panels > .panel").first()).toHaveAttribute("id", "leading");
    await page.getByRole("link", { name: "90 days" }).click();
    await expect(page).toHaveURL(/days=90/);
    await expect(page).toHaveURL(/role=manager/);
    await expect(page.locator("[id^=day-]")).toHaveCount(90);
    const response = await page.goto(`${floor.url}/trend?days=8`);
    expect(response?.status()).toBe(400);
  });

  test("the form takes a cost as the event it is, and says what is wrong with another", async ({ page }) => {
    await page.goto(`${floor.url}/trend?days=7`);
    const form = page.locator("form.costs");
    await form.getByLabel("Month").fill(date(2).slice(0, 7));
    await form.getByLabel("Amount").fill("12,00");
    await form.getByLabel("Currency").fill("EUR");
    await form.getByRole("button", { name: "Save cost" }).click();
    await expect(page.getByRole("alert")).toContainText("Not taken: amount");
    await expect(form.getByLabel("Amount")).toHaveValue("12,00");
    await form.getByLabel("Amount").fill("-930.50");
    await form.getByRole("button", { name: "Save cost" }).click();
    await expect(page.getByRole("alert")).toContainText("Not taken: amount: negative");
    await form.getByLabel("Amount").fill("930.50");
    await form.getByRole("button", { name: "Save cost" }).click();
    await expect(page).toHaveURL(/\/trend\?days=7&told=.*#costs$/);
    await expect(page.getByRole("status")).toContainText("Taken: the telephony cost of");
  });
});

test("a form of another site is turned away", async ({ request }) => {
  const form = { month: "2026-11", kind: "telephony", amount: "1", currency: "EUR" };
  const answer = await request.post(`${floor.url}/trend/costs`, { form, headers: { origin: "https://elsewhere.example" } });
  expect(answer.status()).toBe(403);
  expect(await answer.text()).toContain("only from this server");
});

for (const panel of ["attempts", "carriers", "uptime", "leading", "volume"]) {
  test(`its panel ${panel} is a picture`, async ({ request }) => {
    const svg = await request.get(`${floor.url}/panel/${panel}.svg`);
    expect(svg.headers()["content-type"]).toBe("image/svg+xml");
    expect(await svg.text()).toContain("<title>");
  });
}

for (const theme of ["dark", "light"] as const) {
  test(`nothing on it keeps anyone out, ${theme}`, async ({ page, troubles }) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.goto(`${floor.url}/trend`);
    await expect(page.locator(".age b")).toHaveText("Updated");
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    expect(troubles).toEqual([]);
  });
}

test("on no screen, a phone’s least of all, anything needs to be scrolled sideways but tables", async ({ page }) => {
  await page.goto(`${floor.url}/trend?days=90`);
  for (const width of [1280, 834, 390, 320]) {
    await page.setViewportSize({ width, height: 844 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(over, `${width} wide`).toBe(0);
  }
});
