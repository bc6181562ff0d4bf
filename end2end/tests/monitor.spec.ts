// The monitor as an operations lead uses it: cards that say what was told, a campaign from near, refresh as chosen, and a
// floor whose every count the test knows. One server serves all of it.
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { ago, event, record, send, times } from "../fixtures/floor";
import { type Ringside, awake, expect, startRingside, test } from "../fixtures/ringside";

const MINUTE = 60_000;
/** A tick of the board, a beat of the page's slowest way, and a busy machine. */
const SOON = { timeout: 30_000 };
/** What was over its edge while the counts were still on their way is said after thirty seconds. */
const HELD = { timeout: 60_000 };
const cacAt: [string, number, string, string][] = [
  ["cac-under", 499, "ok", "49.9 %"],
  ["cac-half", 500, "warn", "50.0 %"],
  ["cac-eighty", 800, "warn", "80.0 %"],
  ["cac-above", 801, "crit", "80.1 %"],
];

let floor: Ringside;
let made = 0;

const up = (campaign: string, started = ago(30_000)) =>
  event("call.started", started, { call_id: `up${++made}`, direction: "outbound", campaign, from: "+12025550100", to: "+442079460018" });
const told = (campaign: string, data: object) => event("campaign.updated", ago(20 * MINUTE), { campaign, ...data });
const ended = (campaign: string, data: object) => record({ campaign, started: ago(10 * MINUTE), ended: 20_000, mode: "agentless", ...data } as never);
const card = (page: Page, key: string) => page.locator(`.camp[data-key="${key}"]`);

test.beforeAll(async () => {
  test.setTimeout(120_000);
  // Switches are offered where a dialer can be asked; here nobody does.
  floor = await startRingside({ config: '[[control.http]]\nurl = "http://127.0.0.1:9/{{ campaign }}"\nconfirm = "answer"\n' });
  await send(floor.url, [
    told("solar", { name: "Solar West", status: "active", destination: "Sales floor A", destinations: 18_000, cac_limit: 10, rate_limited: true, mode: "agentless" }),
    ...times(3, () => up("solar")),
    // Two are carried through, one is answered by nobody of ours, four are given up.
    ...times(2, () => ended("solar", { answered: 5_000, attempt: 1, final: true })),
    ...times(1, () => ended("solar", { sip_code: 486, attempt: 1, final: true })),
    ...times(2, () => ended("solar", { sip_code: 480, attempt: 1, final: true })),
    ...times(1, () => ended("solar", { sip_code: 503, attempt: 1, final: true })),
    told("medicare", { name: "Medicare A", status: "paused", reason: "schedule", destinations: 100, cac_limit: 40, rate_limited: false }),
    told("rests", { name: "Rests", status: "paused", reason: "operator", destinations: 50 }),
    told("over", { name: "Over", status: "ended" }),
    told("odd / 50%", { name: "Odd name", status: "active" }),
    ...cacAt.flatMap(([id, active]) => [told(id, { name: id, status: "active", cac_limit: 1_000 }), ...times(active, () => up(id))]),
    event("health.sample", ago(1_000), { component: "worker-1", kind: "dialer_worker", status: "healthy", latency_ms: 6 }),
  ]);
  await expect
    .poll(async () => (await (await fetch(`${floor.url}/api/v1/views/monitor`)).json()).totals.active_calls, SOON)
    .toBe(2_603);
  await expect
    .poll(async () => {
      const { cards: { rows } } = await (await fetch(`${floor.url}/api/v1/views/monitor`)).json();
      return cacAt.map(([id]) => rows.find((each: { campaign: string }) => each.campaign === id)?.cac_band);
    }, HELD)
    .toEqual(["ok", "warn", "warn", "critical"]);
});

test.afterAll(async () => floor?.dispose());

async function open(page: Page, path = "/monitor"): Promise<void> {
  await page.goto(`${floor.url}${path}`);
  await awake(page);
}

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("cards and a campaign's page are there to read (S41, S46)", async ({ page }) => {
    await page.goto(`${floor.url}/monitor`);
    await expect(page).toHaveTitle("Monitor · Ringside");
    await expect(card(page, "solar")).toContainText("Solar West");
    await expect(page.locator(".switch").first()).toBeHidden();
    await card(page, "solar").getByRole("link", { name: "Solar West" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Solar West" })).toBeVisible();
    await expect(page.locator(".chart-ring .chart-first > svg")).toBeVisible();
  });
});

test("all campaigns that dial or rest have a card with their figures (S41, S43–S45)", async ({ page, troubles }) => {
  await open(page);
  await expect(page.locator(".camp")).toHaveCount(8);
  await expect(card(page, "over")).toHaveCount(0);
  const solar = card(page, "solar");
  await expect(solar.locator(".badge")).toHaveText("Active");
  await expect(solar).toContainText("to Sales floor A");
  const figure = (name: string) => solar.locator(`[data-f=${name}]`).first();
  await expect(figure("destinations")).toHaveText("18,000");
  await expect(figure("cac_utilisation")).toHaveText("3/10");
  await expect(figure("completed")).toHaveText("2");
  await expect(figure("failed")).toHaveText("4");
  await expect(figure("pending")).toHaveText("17,994");
  await expect(figure("progress")).toHaveText("0 % of the list done");
  await expect(figure("rate_limited")).toHaveText("rate limited");
  await expect(card(page, "medicare").locator("[data-f=rate_limited]")).toHaveText("rate OK");
  await expect(solar).toContainText("tried");
  await expect(page.locator(".sentence")).toContainText("6 campaigns dialing, 2 paused.");
  expect(troubles).toEqual([]);
});

test("the four figures of the floor (S42)", async ({ page }) => {
  await open(page);
  const total = (key: string) => page.locator(`.cards.four [data-key=${key}]`);
  await expect(total("campaigns")).toContainText("6");
  await expect(total("campaigns")).toContainText("of 8");
  await expect(total("calls").locator("[data-f]")).toHaveText("2,603");
  // (3 + 499 + 500 + 800 + 801) of (10 + 40 + 4 × 1,000)
  await expect(total("cac").locator("[data-f]")).toHaveText("64 %");
  await expect(total("worker")).toContainText("Healthy");
  await expect(total("worker")).toContainText("6.0 ms");
});

test("CAC utilisation changes its state at its exact boundaries, on cards and from near (S45, S49)", async ({ page }) => {
  for (const [id, active, state, printed] of cacAt) {
    await open(page);
    const onCard = card(page, id).locator("[data-f=cac_utilisation]");
    await expect(onCard).toHaveText(`${active}/1,000`);
    const bears = new RegExp(`\\b(${state})\\b`);
    if (state === "ok") await expect(onCard).not.toHaveClass(/warn|crit/);
    else await expect(onCard).toHaveClass(bears);
    await open(page, `/monitor/${id}`);
    const figure = page.locator(".cards.six [data-f=cac_utilisation]");
    await expect(figure).toHaveText(printed);
    await expect(figure).toHaveClass(bears);
  }
});

test("a card leads to its campaign and back, whatever it is called (S46)", async ({ page, troubles }) => {
  await open(page);
  await card(page, "solar").click({ position: { x: 8, y: 8 } });
  await expect(page).toHaveURL(/\/monitor\/solar$/);
  await awake(page);
  await page.getByRole("link", { name: "Monitor" }).last().click();
  await expect(page).toHaveURL(/\/monitor$/);
  await awake(page);
  await card(page, "odd / 50%").getByRole("link", { name: "Odd name" }).click();
  await awake(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Odd name");
  await expect.poll(() => page.locator(".monitor").getAttribute("data-fresh")).toBe("live");
  expect(troubles).toEqual([]);
});

test("a campaign that nobody knows is 404, and says so", async ({ page }) => {
  const response = await page.goto(`${floor.url}/monitor/nobody`);
  expect(response?.status()).toBe(404);
  await awake(page);
  await expect(page.getByRole("heading", { name: "There is no such campaign" })).toBeVisible();
});

test("from near: progress, six figures, calls, and what became of them (S48–S51)", async ({ page }) => {
  await open(page, "/monitor/solar");
  const progress = page.locator(".card.progress");
  for (const said of ["2 destinations completed", "4 given up", "17,994 pending", "ETA"]) await expect(progress).toContainText(said);
  const six = (name: string) => page.locator(`.cards.six [data-f=${name}]`);
  await expect(page.locator(".cards.six > li")).toHaveCount(6);
  await expect(six("active_calls")).toHaveText("3");
  await expect(six("cac_utilisation")).toHaveText("30.0 %");
  await expect(page.locator(".cards.six > li").filter({ hasText: "Calls a minute" })).toContainText("0.6 over 5 min");
  await expect(six("answer_rate")).toHaveText("33.3 %");
  await expect(six("average_call_duration")).toHaveText("0:15");
  await expect(six("rate_limited")).toHaveText("Limited");
  // Seven outcomes, 0 listed as 0, together all ended calls.
  const rows = page.locator(".became tbody tr");
  await expect(rows).toHaveCount(7);
  const counts = Object.fromEntries(await rows.evaluateAll((all) => all.map((row) => [row.getAttribute("data-key"), row.querySelector("td")?.textContent?.trim()])));
  expect(counts).toEqual({ completed: "2", answered: "0", busy: "1", no_answer: "2", failed: "0", cancelled: "0", congestion: "1" });
  await expect(page.locator(".became footer")).toContainText("6 calls ended");
  await expect(page.locator(".chart-ring [role=img]")).toHaveAttribute("aria-label", /6 calls ended: completed 2 \(33\.3 %\)/);
});

test("running calls are masked and tick by the server's clock, in a browser an hour off too (S50)", async ({ page }) => {
  await page.addInitScript(() => {
    const now = Date.now.bind(Date);
    Date.now = () => now() - 3_600_000;
  });
  await open(page, "/monitor/solar");
  const call = page.locator(".calls tbody tr").filter({ hasText: "dialing" }).first();
  await expect(call).toContainText("••");
  await expect(call).not.toContainText("79460018");
  const seconds = async () => {
    const [m = 0, s = 0] = (await call.locator("td").last().innerText()).split(":").map(Number);
    return m * 60 + s;
  };
  const first = await seconds();
  expect(first).toBeGreaterThanOrEqual(30);
  expect(first).toBeLessThan(300);
  await expect.poll(seconds).toBeGreaterThan(first);
});

test("a paused campaign says since when and why, and has no time to its end (S48, S50, S54)", async ({ page }) => {
  await open(page, "/monitor/medicare");
  await expect(page.locator(".head .badge")).toHaveText("Paused");
  await expect(page.locator(".calls .above")).toContainText(/Paused since \d\d:\d\d: the dialer’s schedule blocks it/);
  await expect(page.locator(".calls .nothing")).toHaveText("Paused: no calls in the last 5 minutes");
  await expect(page.locator("[data-f=eta]")).toHaveText("—");
  await open(page, "/monitor/rests");
  await expect(page.locator(".calls .above")).toContainText(/Paused since \d\d:\d\d by an operator|Paused since \d\d:\d\d: operator/);
});

test("refresh as chosen is kept over both pages, by hand updates wait, and can be asked for at the head (S40)", async ({ page }) => {
  await open(page);
  await expect(page.getByLabel("Repaint")).toHaveValue("10s");
  await page.getByLabel("Repaint").selectOption("1s");
  await open(page, "/monitor/solar");
  await expect(page.getByLabel("Repaint")).toHaveValue("1s");
  await page.getByLabel("Repaint").selectOption("manual");
  const refresh = page.getByRole("button", { name: /Refresh now/ });
  await expect(refresh).toHaveAccessibleName(/\d+ updates? waiting/, { timeout: 25_000 });
  await page.getByRole("button", { name: "Refresh", exact: true }).click();
  await expect(refresh).toHaveAccessibleName("Refresh now");
});

test("every figure explains itself", async ({ page }) => {
  for (const path of ["/monitor", "/monitor/solar"]) {
    await open(page, path);
    const figures = page.locator("[data-f]:visible");
    const names = await figures.evaluateAll((all) => all.map((figure) => `${figure.closest("[data-panel]")?.getAttribute("data-panel")}.${figure.getAttribute("data-f")}`));
    const seen = new Set<string>();
    for (const [at, name] of names.entries()) {
      if (seen.has(name)) continue;
      seen.add(name);
      await figures.nth(at).click();
      await expect(page.locator("dialog[aria-labelledby=explain-title] dl"), name).toBeVisible();
      await page.keyboard.press("Escape");
      await expect(page.locator("dialog[aria-labelledby=explain-title]"), name).toBeHidden();
    }
    expect(seen.size).toBeGreaterThan(8);
  }
});

for (const theme of ["dark", "light"] as const) {
  test(`no serious barrier in the ${theme} theme, on both pages`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    for (const path of ["/monitor", "/monitor/solar", "/monitor/medicare"]) {
      await open(page, path);
      await expect.poll(() => page.locator(".monitor").getAttribute("data-fresh")).toBe("live");
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).slice(0, 4).join(", ")}`);
      expect(serious, path).toEqual([]);
    }
  });
}

test("switches are 48 px and keep clear; nothing scrolls sideways on a phone (U53, U55)", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of ["/monitor", "/monitor/solar"]) {
    await open(page, path);
    const box = await page.locator(".switch:visible").first().boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(48);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  }
});

// Last: it takes the worker away from everyone.
test("an offline worker is said on top of everything, with what it means (S52)", async ({ page }) => {
  await send(floor.url, [event("health.sample", new Date(), { component: "worker-1", kind: "dialer_worker", status: "offline" })]);
  for (const path of ["/monitor", "/monitor/solar"]) {
    await open(page, path);
    await expect(page.locator(".banner")).toBeVisible(SOON);
    await expect(page.locator(".banner")).toContainText(/offline/i);
  }
  await open(page);
  await expect(page.locator(".cards.four [data-key=worker]")).toContainText("Offline", SOON);
});
