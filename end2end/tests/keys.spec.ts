// Keys, help and menus: the same on every page, with a program and without; never in the way of somebody who types, and off
// for who wants them off (WCAG 2.1.4).
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { ago, record, send, times } from "../fixtures/floor";
import { awake, expect, test } from "../fixtures/ringside";

const PAGES = ["/live", "/daily", "/trend", "/monitor"];

const ready = (page: Page, path: string) =>
  path === "/daily" || path === "/trend" ? expect(page.locator(".age b")).not.toHaveText("As of") : awake(page);
const open = async (page: Page, path: string) => {
  await page.goto(path);
  await ready(page, path);
};
const theme = (page: Page) => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);

for (const path of PAGES) {
  test(`${path}: the help opens by its key and by its button, keeps nobody out, and gives the focus back`, async ({ page, troubles }) => {
    await open(page, path);
    const help = page.getByRole("dialog", { name: "Help" });
    await page.keyboard.press("?");
    await expect(help).toBeVisible();
    for (const said of ["full screen", "hold the figures", "critical: act"]) await expect(help).toContainText(said);
    // It is the same on every page.
    for (const colorScheme of path === "/live" ? (["dark", "light"] as const) : []) {
      await page.emulateMedia({ colorScheme });
      expect((await new AxeBuilder({ page }).include("#help").analyze()).violations).toEqual([]);
    }
    await page.keyboard.press("Escape");
    await expect(help).toBeHidden();
    const opener = page.getByRole("button", { name: "Help and keys" });
    await opener.click();
    await expect(help).toBeVisible();
    await help.getByRole("button", { name: "Close" }).click();
    await expect(help).toBeHidden();
    await expect(opener).toBeFocused();
    expect(troubles).toEqual([]);
  });

  test(`${path}: a letter changes the light, two lead to another page`, async ({ page }) => {
    await open(page, path);
    const before = await theme(page);
    await page.keyboard.press("t");
    expect(await theme(page)).not.toBe(before);
    const [to, letter] = path === "/live" ? ["/daily", "d"] : ["/live", "l"];
    await page.keyboard.press("g");
    await page.keyboard.press(letter);
    await expect(page).toHaveURL(new RegExp(`${to}$`));
    expect(await theme(page), "and it is kept").not.toBe(before);
  });
}

test("who types is left alone, and who turns the keys off as well, here and after a reload", async ({ page }) => {
  await open(page, "/daily");
  const before = await theme(page);
  await page.getByLabel("Another day").focus();
  await page.keyboard.press("t");
  expect(await theme(page)).toBe(before);
  await page.getByRole("button", { name: "Help and keys" }).click();
  const choice = page.getByLabel("Single keys do something");
  await choice.uncheck();
  await page.keyboard.press("Escape");
  for (const wait of [false, true]) {
    if (wait) await page.reload();
    await page.locator("main").focus();
    await page.keyboard.press("t");
    await page.keyboard.press("?");
    expect(await theme(page)).toBe(before);
    await expect(page.getByRole("dialog", { name: "Help" })).toBeHidden();
  }
  await page.getByRole("button", { name: "Help and keys" }).click();
  await choice.check();
  await page.keyboard.press("Escape");
  await page.locator("main").focus();
  await page.keyboard.press("t");
  expect(await theme(page)).not.toBe(before);
});

test("digits lead to panels, the space bar holds the figures and lets them go on", async ({ page }) => {
  await open(page, "/live");
  await page.keyboard.press("2");
  await expect(page.locator("#routes")).toBeFocused();
  await page.keyboard.press("8");
  await expect(page.locator("#infra")).toBeFocused();
  await page.keyboard.press(" ");
  await expect(page.getByLabel("Repaint")).toHaveValue("manual");
  await expect(page.locator(".age b")).toHaveText("By hand");
  await page.keyboard.press(" ");
  await expect(page.getByLabel("Repaint")).toHaveValue("10s");
  await expect(page.locator(".age b")).toHaveText("Live");
  await open(page, "/trend");
  await page.keyboard.press("1");
  await expect(page.locator("main .panel").first()).toBeFocused();
});

test("square brackets lead through the days", async ({ page }) => {
  await open(page, "/daily");
  const today = new Date().toISOString().slice(0, 10);
  await page.keyboard.press("[");
  await expect(page).toHaveURL(/date=/);
  await page.keyboard.press("]");
  await expect(page).toHaveURL(new RegExp(`date=${today}`));
});

test("a panel's menu shows its figures as a table, the line that embeds it, and the screen full of it", async ({ page, ringside, troubles }) => {
  const call = () => record({ route: "beta", campaign: "c", mode: "preview", started: ago(60_000), ended: 1_000, sip_code: 503 });
  await send(ringside.url, times(31, call));
  await open(page, "/live");
  const panel = page.locator("#routes");
  await expect(panel.locator("[data-key=beta]")).toBeVisible();
  const menu = async (item: string) => {
    await panel.hover();
    await panel.locator("summary").click();
    await panel.locator(".menu").getByText(item, { exact: true }).click();
    await expect(panel.locator("details")).not.toHaveAttribute("open");
  };
  const sheet = page.getByRole("dialog", { name: "Which route is failing?" });
  await menu("Table");
  await expect(sheet.getByRole("columnheader", { name: "route faults" })).toBeVisible();
  await expect(sheet.getByRole("row", { name: /beta/ })).toContainText("31");
  expect((await new AxeBuilder({ page }).include("#sheet").analyze()).violations).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();

  await menu("Embed");
  const line = await sheet.getByRole("textbox", { name: "HTML of the picture" }).inputValue();
  expect(line).toMatch(/^<img src="http:\/\/127\.0\.0\.1:\d+\/panel\/routes\.svg\?theme=(dark|light)&amp;width=640&amp;height=400" width="640" height="400" alt="Which route is failing\?">$/);
  await sheet.getByRole("button", { name: "Close" }).click();
  // It works where it is put: on a page of another origin.
  const elsewhere = await page.context().newPage();
  await elsewhere.setContent(line);
  await expect.poll(() => elsewhere.locator("img").evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(640);
  await elsewhere.close();

  await menu("Full screen");
  await expect.poll(() => page.evaluate(() => document.fullscreenElement?.id)).toBe("routes");
  await expect(panel.locator(".panel-age"), "there is no header to tell the age").toHaveText(/· [\d.]+\ss ago/);
  await page.evaluate(() => document.exitFullscreen());
  expect(troubles).toEqual([]);
});

test("on a report menus do the same", async ({ page, ringside }) => {
  await send(ringside.url, times(3, () => record({ route: "beta", campaign: "daily-menu", mode: "preview", started: ago(60_000), ended: 1_000, sip_code: 486 })));
  await open(page, "/daily");
  const sheet = page.getByRole("dialog", { name: "How many calls?" });
  await page.locator("#volume").focus();
  await page.keyboard.press("T");
  await expect(sheet.getByRole("columnheader", { name: "attempts" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.locator("#volume").hover();
  await page.locator("#volume summary").click();
  await page.locator("#volume").getByText("Embed").click();
  await expect(sheet.getByRole("textbox")).toHaveValue(/\/panel\/volume\.svg\?date=\d{4}-\d\d-\d\d&amp;theme=/);
});
