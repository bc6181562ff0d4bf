// The first hour: an empty server says what to send, and what is copied from its page becomes the first event.
import { execFileSync } from "node:child_process";
import { awake, expect, startRingside, test } from "../fixtures/ringside";

test("what an empty server shows is copied, sent, and seen", async ({ page, context, troubles }) => {
  const server = await startRingside();
  try {
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.url });
    await page.goto(`${server.url}/live`);
    await awake(page);
    await expect(page.getByRole("heading", { name: "Send the first event" })).toBeVisible();
    await expect(page.locator("#first-status")).toContainText("0 events so far");

    // A first try goes wrong, and the page says why.
    const wrong = await fetch(`${server.url}/api/v1/events`, { method: "POST", headers: { "Content-Type": "text/plain" }, body: "hello" });
    expect(wrong.status).toBe(415);
    await expect(page.locator("#first-status")).toContainText("send application/cloudevents+json");

    await page.getByRole("button", { name: "Copy: a command that sends one event" }).click();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    expect(command).toContain(server.url);
    const answer = JSON.parse(execFileSync("sh", ["-c", command], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
    expect(answer.accepted).toBe(1);

    await expect(page.locator("#first-status")).toContainText("1 event so far");
    await expect(page.locator("#first-event")).toContainText("first-try");
    await expect(page.locator("#first-event")).not.toContainText("5550187");
    await expect(page.locator('.strip [data-key="ActiveCalls"] strong')).toContainText("1", { timeout: 15_000 });

    await page.getByRole("link", { name: "Go on with the live view" }).click();
    await awake(page);
    await expect(page.locator("#first-run")).toHaveCount(0);
    expect(troubles).toEqual([]);
  } finally {
    await server.dispose();
  }
});

test("the documentation is a page of the house, and its examples can be copied", async ({ page, troubles }) => {
  await page.goto("/docs");
  await expect(page).toHaveTitle("Documentation · Ringside");
  for (const part of ["Sending events", "Every event", "A dialer in Python", "The stream", "Figures", "Configuration"]) {
    await expect(page.getByRole("heading", { level: 2, name: part })).toBeAttached();
  }
  await expect(page.locator("[id='config-trunks.NAME.capacity']")).toContainText("channels");
  for (const width of [1920, 1280, 390]) {
    await page.setViewportSize({ width, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  }
  expect(troubles).toEqual([]);
});
