// A past minute on the live page: unmistakably not live, as it was, and one tap from the present.
import { expect, startRingside, test } from "../fixtures/ringside";
import { ago, event, record, send, times } from "../fixtures/floor";

const MINUTE = 60_000;

test("a past minute is shown as it was, goes on, and leads back", async ({ browser }) => {
  test.setTimeout(120_000);
  const server = await startRingside();
  try {
    const failing = (route: string, minutes: number) =>
      times(40, () => record({ route, campaign: "c", mode: "preview", started: ago(minutes * MINUTE), ended: 1_000, sip_code: 503 }));
    await send(server.url, [...failing("then", 20), ...failing("later", 8), event("channels.sample", ago(1_000), { trunk: "now", active: 1 })]);
    const page = await browser.newPage();
    const past = new Date(Date.now() - 18 * MINUTE).toISOString().slice(0, 19);
    await page.goto(`${server.url}/live?at=${past}&speed=60`);
    const bar = page.getByRole("region", { name: "Replay" });
    await expect(bar).toBeVisible();
    // First paint and stream are one replay: it is opened once.
    const figures = () => fetch(`${server.url}/metrics`).then((answer) => answer.text());
    await expect.poll(figures).toMatch(/^ringside_replays 1(\.0)?$/m);
    expect(await figures()).toMatch(/^ringside_replays_opened_total 1$/m);
    await expect(page.locator(".age b")).toHaveText("Replay");
    await expect(page.locator("#routes-then"), "what was").toBeVisible();
    await expect(page.locator("#routes-later"), "what was not yet").toHaveCount(0);
    await expect(page.locator("#routes-later"), "an hour a minute: ten minutes on in ten seconds").toBeVisible({ timeout: 60_000 });
    await expect(page.locator(".age b")).toHaveText("Replay");
    // The present's files are not offered beside the past, and keys lead through it.
    await page.locator("#routes").hover();
    await page.locator("#routes summary").click();
    await expect(page.locator("#routes .menu").getByText("Explain")).toBeVisible();
    await expect(page.locator("#routes .menu").getByText("Table")).toBeHidden();
    await page.keyboard.press("Escape");
    await page.locator("main").focus();
    await page.keyboard.press(" ");
    await expect(page).toHaveURL(/speed=0/);
    await expect(bar.getByRole("link", { name: "Pause" })).toHaveAttribute("aria-current", "true");
    await bar.getByRole("link", { name: "Back to live" }).click();
    await expect(bar).toHaveCount(0);
    await expect(page.locator(".age b")).toHaveText(/Live|As of/);
    const refused = await page.request.get(`${server.url}/api/v1/views/live?at=2001-01-01T00:00:00Z`);
    expect(refused.status()).toBe(400);
    expect(await refused.text()).toContain("calls are kept for");
  } finally {
    await server.dispose();
  }
});
