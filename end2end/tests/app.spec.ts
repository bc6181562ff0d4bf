// One app: from page to page without a document, as on any site otherwise. What the reader has chosen is kept, one stream is
// open at a time, and the next page has its figures at once.
import type { Page } from "@playwright/test";
import { ago, event, record, send, times } from "../fixtures/floor";
import { type Ringside, awake, expect, startRingside, test } from "../fixtures/ringside";

/** What a reader takes for at once, where the machine has nothing else to do. */
const AT_ONCE_MS = 100;

let floor: Ringside;
let campaign: { id: string; name: string };

test.beforeAll(async () => {
  test.setTimeout(150_000);
  floor = await startRingside({ command: ["demo"] });
  // Up and running: what happened is a moment ago, and there are campaigns.
  await expect
    .poll(
      async () => {
        const { cards, newest_event } = await (await fetch(`${floor.url}/api/v1/views/monitor`)).json();
        const [first] = cards?.rows ?? [];
        if (first) campaign = { id: first.campaign, name: first.name };
        return cards?.rows?.length > 1 && Date.now() - Date.parse(newest_event ?? 0) < 10_000;
      },
      { timeout: 90_000 },
    )
    .toBe(true);
});

test.afterAll(async () => floor?.dispose());

/** Opens a page, marks its window, and counts the streams that are open. */
async function open(page: Page, path = "/live"): Promise<void> {
  await page.addInitScript(() => {
    // Not held: what a page has closed may go.
    const sources: WeakRef<EventSource>[] = [];
    const Native = window.EventSource;
    window.EventSource = class extends Native {
      constructor(...all: ConstructorParameters<typeof EventSource>) {
        super(...all);
        sources.push(new WeakRef(this));
      }
    };
    Object.assign(window, { streams: () => sources.flatMap((each) => each.deref() ?? []).filter((each) => each.readyState !== 2).map((each) => new URL(each.url).searchParams.get("view")) });
  });
  await page.goto(`${floor.url}${path}`);
  await awake(page);
  await page.evaluate(() => Object.assign(window, { marker: "here" }));
}

const isSameDocument = (page: Page) => page.evaluate(() => (window as never as { marker?: string }).marker === "here");
const streams = (page: Page) => page.evaluate(() => (window as never as { streams(): string[] }).streams());
const menu = (page: Page) => page.getByRole("navigation", { name: "Pages" });
const follow = (page: Page, name: string) => menu(page).getByRole("link", { name }).click();
const fresh = (page: Page, what: string) => page.locator(`.${what}`).getAttribute("data-fresh");

test("from live to the monitor to a campaign, back and forward: no document is loaded, and one stream is open", async ({ page, troubles }) => {
  await open(page);
  await follow(page, "Monitor");
  await expect(page).toHaveURL(/\/monitor$/);
  await expect(page).toHaveTitle("Monitor · Ringside");
  await expect(page.locator(".camp").first()).toBeVisible();
  await expect(page.locator(".live")).toHaveCount(0);
  await expect(menu(page).locator("[aria-current=page]")).toHaveText("Monitor");
  await expect(page.locator("main")).toBeFocused();
  await expect(page.locator("header.top .mark"), "the page begins at its top").toBeInViewport();
  await expect.poll(() => fresh(page, "monitor")).toBe("live");
  expect(await streams(page)).toEqual(["monitor"]);

  await page.locator(`.camp[data-key="${campaign.id}"] h2 a`).click();
  await expect(page).toHaveURL(new RegExp(`/monitor/${campaign.id}$`));
  await expect(page).toHaveTitle(`${campaign.name} · Ringside`);
  await expect(page.locator(".campaign .panel").first()).toBeVisible();
  await expect(menu(page).locator("[aria-current=true]")).toHaveText("Monitor");

  await page.goBack();
  await expect(page.locator(".camp").nth(1)).toBeVisible();
  await expect(page).toHaveTitle("Monitor · Ringside");
  await page.goBack();
  await expect(page).toHaveURL(/\/live$/);
  await expect(page.locator("#routes [data-key]").first()).toBeVisible();
  await expect.poll(() => fresh(page, "live")).toBe("live");
  await page.goForward();
  await expect(page.locator(".camp").nth(1)).toBeVisible();
  await page.goForward();
  await expect(page).toHaveTitle(`${campaign.name} · Ringside`);
  await expect.poll(() => streams(page)).toEqual(["monitor"]);
  expect(await isSameDocument(page)).toBe(true);
  expect(troubles).toEqual([]);
});

test("the next page has its figures within 100 ms of the click, where the server answers at once", async ({ page }) => {
  await open(page);
  const took = (link: string, figure: string) =>
    page.evaluate(
      ([link, figure]) =>
        new Promise<{ clock: number; server: number }>((done) => {
          const at = performance.now();
          const has = () => (document.querySelector(figure as string)?.textContent ?? "").trim() !== "";
          const asked = () => performance.getEntriesByType("resource").filter(({ name, startTime }) => startTime >= at && name.includes("/api/v1/views/"));
          const watch = new MutationObserver(() => {
            if (!has()) return;
            watch.disconnect();
            const clock = performance.now() - at;
            // The browser notes a little later how long the server took: a debug build on a busy machine.
            setTimeout(() => done({ clock, server: asked()[0]?.duration ?? 0 }), 50);
          });
          watch.observe(document.body, { subtree: true, childList: true, characterData: true });
          [...document.querySelectorAll<HTMLAnchorElement>("header.top nav a")].find((each) => each.textContent === link)?.click();
        }),
      [link, figure],
    );
  const all = { Monitor: [] as number[], Daily: [] as number[], Trend: [] as number[], Live: [] as number[] };
  const pages = [
    ["Monitor", ".camp .m b", ".camp"],
    ["Daily", "#kpi-calls_per_minute strong", "#volume [data-drawn]"],
    ["Trend", "#days tbody td", "#attempts [data-drawn]"],
    ["Live", ".strip .stat strong", "#routes [data-key]"],
  ] as const;
  for (let turn = 0; turn < 8; turn++) {
    for (const [link, figure, row] of pages) {
      const { clock, server } = await took(link, figure);
      console.log(`first figures after a click on ${link}: ${clock.toFixed(0)} ms, ${server.toFixed(0)} of them the server’s`);
      all[link].push(clock - server);
      await expect(page.locator(row).first()).toBeVisible();
    }
  }
  // Other work on the machine makes some slower; what is slow by itself is slow each time.
  for (const [link, each] of Object.entries(all)) expect(Math.min(...each), link).toBeLessThan(AT_ONCE_MS);
  expect(await isSameDocument(page)).toBe(true);
});

test("pace, theme and role are kept from page to page", async ({ page }) => {
  await open(page, "/live?role=network");
  await page.getByLabel("Repaint").selectOption("1s");
  await page.getByLabel("Theme").selectOption("light");
  await expect(page.getByLabel("Order the panels for")).toHaveValue("network");
  await follow(page, "Monitor");
  await expect(page.locator(".camp").first()).toBeVisible();
  await expect(page.getByLabel("Repaint")).toHaveValue("1s");
  await expect(page.getByLabel("Theme")).toHaveValue("light");
  await expect(page.getByLabel("Order the panels for")).toHaveCount(0);
  await follow(page, "Live");
  await expect(page).toHaveURL(/\/live\?role=network$/);
  await expect(page.locator(".panel").first()).toHaveAttribute("id", "routes");
  expect(await isSameDocument(page)).toBe(true);
});

test("figures held by hand are held on the next page too, which still begins with some", async ({ page }) => {
  await open(page);
  await page.getByLabel("Repaint").selectOption("manual");
  await follow(page, "Monitor");
  await expect(page.locator(".camp").first()).toBeVisible();
  await expect.poll(() => fresh(page, "monitor")).toBe("paused");
});

test("a link opens elsewhere where that is asked for, and the page stays", async ({ page, context }) => {
  await open(page);
  const link = menu(page).getByRole("link", { name: "Monitor" });
  for (const how of [{ button: "middle" as const }, { modifiers: ["ControlOrMeta" as const] }]) {
    const [other] = await Promise.all([context.waitForEvent("page"), link.click(how)]);
    await expect(other).toHaveURL(/\/monitor$/);
    await expect(other.locator(".camp").first()).toBeVisible();
    await other.close();
  }
  await expect(page).toHaveURL(/\/live$/);
  expect(await isSameDocument(page)).toBe(true);
});

test("keys and the keyboard go from page to page, and on at the page’s beginning", async ({ page }) => {
  await open(page);
  await page.keyboard.press("g");
  await page.keyboard.press("m");
  await expect(page).toHaveURL(/\/monitor$/);
  await expect(page.locator("main")).toBeFocused();
  await menu(page).getByRole("link", { name: "Live" }).focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/live$/);
  await expect(page.locator("main")).toBeFocused();
  await page.keyboard.press("1");
  await expect(page.locator(".panel").first()).toBeFocused();
  expect(await isSameDocument(page)).toBe(true);
});

test("what is no page of the app is a document, and so is the way back from it", async ({ page }) => {
  await open(page, "/monitor");
  await page.locator("footer.foot").getByRole("link", { name: "Documentation" }).click();
  await expect(page).toHaveURL(/\/docs$/);
  expect(await isSameDocument(page)).toBe(false);
  await page.goBack();
  await expect(page.locator(".camp").first()).toBeVisible();
});

test("a moment of the past is a document, on the way there and back", async ({ page, ringside }) => {
  const call = () => record({ route: "then", campaign: "c", mode: "preview", started: ago(20 * 60_000), ended: 1_000, sip_code: 503 });
  await send(ringside.url, [...times(40, call), event("channels.sample", ago(1_000), { trunk: "now", active: 1 })]);
  const bar = page.getByRole("region", { name: "Replay" });
  await page.goto("/live");
  await awake(page);
  await page.evaluate(() => Object.assign(window, { marker: "here" }));
  await page.getByRole("link", { name: "Replay" }).click();
  await expect(bar).toBeVisible();
  expect(await isSameDocument(page)).toBe(false);
  await awake(page);
  await follow(page, "Monitor");
  await expect(page).toHaveTitle("Monitor · Ringside");
  await expect(page.locator(".age b"), "the present again").not.toHaveText("Replay");
  // Back in the past: the server puts it together.
  await page.goBack();
  await expect(bar).toBeVisible();
  await expect(page.locator(".age b")).toHaveText("Replay");
});

test("after a release the next click loads the document of the new one", async ({ page }) => {
  await open(page);
  await page.route("**/healthz", (route) => route.fulfill({ json: { status: "ok", build: "another" } }));
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await expect(page.getByText("Ringside was updated.")).toBeVisible();
  await follow(page, "Monitor");
  await expect(page.locator(".camp").first()).toBeVisible();
  expect(await isSameDocument(page)).toBe(false);
});

test("what the server does not simply give is asked of it as a document", async ({ page }) => {
  await open(page);
  await page.route("**/api/v1/views/monitor", (route) => route.fulfill({ status: 401, json: { title: "a key is needed" } }));
  await follow(page, "Monitor");
  await expect(page.locator(".camp").first()).toBeVisible();
  expect(await isSameDocument(page)).toBe(false);
});

test("a server that is far is not waited for: the page begins, and its stream brings the figures", async ({ page }) => {
  await open(page);
  let answer = () => {};
  const answered = new Promise<void>((done) => (answer = done));
  await page.route("**/api/v1/views/monitor", async (route) => {
    await answered;
    await route.abort();
  });
  await follow(page, "Monitor");
  await expect(page.locator(".camp").first()).toBeVisible();
  answer();
  expect(await isSameDocument(page)).toBe(true);
});

test("a row that a link names is gone to", async ({ page }) => {
  await open(page, "/monitor");
  const row = await page.evaluate(async () => {
    const { routes } = await (await fetch("/api/v1/views/live")).json();
    const link = document.createElement("a");
    link.href = "/live#routes";
    link.textContent = "To the routes";
    document.querySelector("main")?.append(link);
    return routes.rows[0].route as string;
  });
  expect(row).toBeTruthy();
  await page.getByRole("link", { name: "To the routes" }).click();
  await expect(page.locator("#routes")).toBeFocused();
  expect(await isSameDocument(page)).toBe(true);
});

test("a hundred and fifty changes of page leave nothing behind", async ({ page }) => {
  test.setTimeout(120_000);
  await open(page);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable");
  const there = async () => {
    await follow(page, "Monitor");
    await expect(page.locator(".camp").first()).toBeVisible();
    await follow(page, "Daily");
    await expect(page.locator("#volume [data-drawn]")).toBeVisible();
    await follow(page, "Live");
    await expect(page.locator("#routes [data-key]").first()).toBeVisible();
  };
  const holds = async () => {
    for (const _ of [1, 2]) await cdp.send("HeapProfiler.collectGarbage");
    const all = Object.fromEntries((await cdp.send("Performance.getMetrics")).metrics.map(({ name, value }) => [name, value]));
    return { nodes: all.Nodes as number, listeners: all.JSEventListeners as number, heap: all.JSHeapUsedSize as number };
  };
  for (let turn = 0; turn < 10; turn++) await there();
  const before = await holds();
  for (let turn = 0; turn < 50; turn++) await there();
  const after = await holds();
  console.log(`a hundred and fifty changes of page: ${JSON.stringify(before)} to ${JSON.stringify(after)}`);
  expect(after.nodes).toBeLessThan(before.nodes * 1.15);
  expect(after.listeners).toBeLessThan(before.listeners * 1.15);
  expect(after.heap).toBeLessThan(before.heap * 1.3);
  expect(await streams(page)).toEqual(["live"]);
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("every page is there to read, its links lead on, and it renews itself", async ({ page }) => {
    for (const [path, has] of [["/live", "#routes [data-key]"], ["/monitor", ".camp"], [`/monitor/${campaign.id}`, ".campaign .panel"], ["/daily", "#kpi-connect_rate"], ["/trend", "#days tbody tr"]] as const) {
      const answer = await page.goto(`${floor.url}${path}`);
      await expect(page.locator(has).first(), path).toBeVisible();
      await expect(page.locator(".age"), path).toContainText(/As of\s*\d\d:\d\d:\d\d/);
      expect(await answer?.text(), path).toContain('<meta http-equiv="refresh"');
    }
    await follow(page, "Live");
    await expect(page).toHaveURL(/\/live$/);
  });
});
