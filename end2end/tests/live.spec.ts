// The live page as people use it: there before any script, explained by a click, honest about its age, and back by
// itself after the server was gone. One demo floor serves all of it; the test that stops a server has one of its own.
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { type Ringside, awake, expect, startRingside, test } from "../fixtures/ringside";

const FLOOR_IS_UP = { timeout: 90_000 };
const PANELS = ["channels", "routes", "abandon", "connect", "dids", "agents", "pdd", "infra"];

let floor: Ringside;

test.beforeAll(async () => {
  test.setTimeout(150_000);
  floor = await startRingside({ command: ["demo"] });
  // Up and running: what happened is a moment ago, and every route has had calls enough to be judged.
  await expect
    .poll(async () => {
      const frame = await (await fetch(`${floor.url}/api/v1/views/live`)).json();
      const age = Date.now() - Date.parse(frame.newest_event ?? 0);
      const routes: { resolved: number }[] = frame.routes?.rows ?? [];
      return age < 10_000 && routes.length > 0 && routes.every((route) => route.resolved >= 20);
    }, FLOOR_IS_UP)
    .toBe(true);
});

test.afterAll(async () => floor?.dispose());

async function open(page: Page, path = "/live"): Promise<void> {
  await page.goto(`${floor.url}${path}`);
  await awake(page);
}

const freshness = (page: Page) => page.locator(".live").getAttribute("data-fresh");

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("the first paint has the sentence, the strip, eight panels with figures and their drawings", async ({ page }) => {
    await page.goto(`${floor.url}/live`);
    await expect(page.locator(".sentence")).not.toBeEmpty();
    await expect(page.locator(".strip .stat")).toHaveCount(6);
    await expect(page.locator(".panel")).toHaveCount(8);
    for (const panel of PANELS.slice(1)) await expect(page.locator(`#${panel} [data-key]`).first(), panel).toBeVisible();
    for (const panel of ["channels", "abandon", "connect", "agents", "pdd"])
      await expect(page.locator(`#${panel} .chart-first > svg`).first(), panel).toBeVisible();
    // The time it shows is that of the figures, and says so.
    await expect(page.locator(".age")).toContainText(/As of\s*\d\d:\d\d:\d\d/);
  });

  test("the role in the address orders the panels", async ({ page }) => {
    await page.goto(`${floor.url}/live?role=network`);
    const order = await page.locator(".panel").evaluateAll((panels) => panels.map((panel) => panel.id));
    expect(order.slice(0, 4)).toEqual(["routes", "channels", "pdd", "infra"]);
  });
});

test("it wakes without complaint, goes live, and a role chosen by hand stays in the address", async ({ page, troubles }) => {
  await open(page);
  await expect.poll(() => freshness(page)).toBe("live");
  await page.getByLabel("Order the panels for").selectOption("campaign");
  await expect(page.locator(".panel").first()).toHaveAttribute("id", "abandon");
  await expect(page).toHaveURL(/role=campaign/);
  await expect(page.locator("#abandon .chart canvas")).toBeVisible();
  expect(troubles).toEqual([]);
});

test("a figure explains itself, by mouse and by keyboard, and gives the focus back", async ({ page }) => {
  await open(page);
  // A row by its name: rows may change places meanwhile.
  const key = await page.locator("#routes tr[data-key]").first().getAttribute("data-key");
  const figure = page.locator(`#routes tr[data-key="${key}"] [data-f=route_fault_rate]`);
  await figure.click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("heading", { name: "Route’s fault" })).toBeVisible();
  for (const said of ["route faults", "resolved", "the last 5 minutes", "Wilson", "yellow from 1 %", "As of", "Newest event"])
    await expect(dialog).toContainText(said);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(figure).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog).toBeHidden();

  await page.locator("#pdd").hover();
  await page.locator("#pdd summary").click();
  await page.locator("#pdd").getByRole("button", { name: "Explain" }).click();
  await expect(dialog.getByRole("heading", { name: "Post-dial delay" })).toBeVisible();
});

test("every figure on the page has an explanation", async ({ page }) => {
  await open(page);
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
  expect(seen.size).toBeGreaterThan(15);
});

test("the repaint cadence is kept, and by hand updates wait until they are asked for", async ({ page }) => {
  await open(page);
  await page.getByLabel("Repaint").selectOption("1s");
  await page.reload();
  await awake(page);
  await expect(page.getByLabel("Repaint")).toHaveValue("1s");
  await page.getByLabel("Repaint").selectOption("manual");
  await expect.poll(() => freshness(page)).toBe("paused");
  const refresh = page.getByRole("button", { name: /Refresh now/ });
  await expect(refresh).toHaveAccessibleName(/\d+ updates? waiting/, { timeout: 25_000 });
  // Another may come in the very moment.
  await expect(async () => {
    await refresh.click();
    await expect(refresh).toHaveAccessibleName("Refresh now", { timeout: 1_000 });
  }).toPass();
  await expect.poll(async () => Number.parseFloat(await page.locator(".age-text").innerText())).toBeLessThan(5);
});

for (const minutes of [-10, 10]) {
  test(`a browser whose clock is ${minutes} min off shows the same age and time`, async ({ page }) => {
    await page.addInitScript((ms) => {
      const now = Date.now.bind(Date);
      Date.now = () => now() + ms;
    }, minutes * 60_000);
    await open(page);
    await expect.poll(() => freshness(page)).toBe("live");
    await expect(page.locator(".age-text")).toHaveText(/^\d+(\.\d)?\ss$/);
    expect(Number.parseFloat(await page.locator(".age-text").innerText())).toBeLessThan(12);
    const shown = await page.locator(".site-time time").innerText();
    const [h = 0, m = 0, s = 0] = shown.split(":").map(Number);
    const server = new Date();
    const off = Math.abs(h * 3600 + m * 60 + s - (server.getUTCHours() * 3600 + server.getUTCMinutes() * 60 + server.getUTCSeconds()));
    expect(Math.min(off, 86_400 - off)).toBeLessThan(5);
  });
}

for (const theme of ["dark", "light"] as const) {
  test(`no serious barrier in the ${theme} theme, with an explanation open and without`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await open(page);
    await expect.poll(() => freshness(page)).toBe("live");
    const barriers = async () => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).slice(0, 4).join(", ")}`);
    };
    expect(await barriers()).toEqual([]);
    await page.locator("#abandon [data-f=abandon_rate]").first().click();
    await expect(page.getByRole("dialog")).toBeVisible();
    expect(await barriers()).toEqual([]);
  });
}

test("eight panels fit a wall screen, and a narrow phone scrolls one way only", async ({ page }) => {
  await page.setViewportSize({ width: 1920, height: 1080 });
  await open(page);
  const size = () => page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]);
  expect(await size()).toEqual([1920, 1080]);
  for (const panel of PANELS) await expect(page.locator(`#${panel}`), panel).toBeInViewport({ ratio: 1 });
  await page.setViewportSize({ width: 1280, height: 800 });
  for (const panel of PANELS.slice(0, 2)) await expect(page.locator(`#${panel}`), panel).toBeInViewport({ ratio: 1 });
  for (const width of [1280, 1100, 834, 720, 390, 320]) {
    await page.setViewportSize({ width, height: 800 });
    expect((await size())[0], `${width} wide`).toBe(width);
  }
});

test("figures are large enough for a finger", async ({ browser }) => {
  const context = await browser.newContext({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await open(page);
  const small = await page.locator("button:visible, a:visible, select:visible, summary:visible").evaluateAll((all) =>
    all
      .map((one) => ({ name: one.textContent?.trim() || one.className, box: one.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 1 && (box.width < 24 || box.height < 24))
      .map(({ name, box }) => `${name}: ${Math.round(box.width)} × ${Math.round(box.height)}`),
  );
  expect(small).toEqual([]);
  // What is not a figure within a row has a finger's breadth (U53).
  const controls = page.locator("header.top :is(a, button, select):visible, .menu > summary:visible, main a:not(.clause, .tiles a):visible");
  const narrow = await controls.evaluateAll((all) =>
    all
      .map((one) => ({ name: one.textContent?.trim() || one.className, box: one.getBoundingClientRect() }))
      .filter(({ box }) => box.height < 44 || box.width < 44)
      .map(({ name, box }) => `${name}: ${Math.round(box.width)} × ${Math.round(box.height)}`),
  );
  expect(narrow).toEqual([]);
  await context.close();
});

test("figures keep their box while their digits change", async ({ page }) => {
  await open(page);
  await page.getByLabel("Repaint").selectOption("250ms");
  // Of each figure in the strip: how wide it was, by how many characters it had.
  const seen = new Map<string, Set<number>>();
  let texts = new Set<string>();
  await expect
    .poll(
      async () => {
        const figures = await page.locator(".strip .stat button.n span").evaluateAll((all) =>
          all.map((one) => ({
            name: one.closest("[data-key]")?.getAttribute("data-key") ?? "",
            text: one.textContent ?? "",
            width: one.getBoundingClientRect().width,
          })),
        );
        for (const { name, text, width } of figures) {
          const kind = `${name} ${text.replace(/\d/g, "0")}`;
          texts.add(`${name} ${text}`);
          seen.set(kind, (seen.get(kind) ?? new Set()).add(Math.round(width * 10)));
        }
        return texts.size;
      },
      { intervals: [200], timeout: 30_000 },
    )
    .toBeGreaterThan(16);
  for (const [kind, widths] of seen) expect([...widths], kind).toHaveLength(1);
});

test("who asked for less motion gets none", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open(page);
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll("*")]
      .map((one) => [one, getComputedStyle(one)] as const)
      .filter(([, style]) => style.animationName !== "none" || style.transitionDuration.split(",").some((each) => Number.parseFloat(each) > 0))
      .map(([one]) => one.className),
  );
  expect(moving).toEqual([]);
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
});

test("a hidden tab keeps no stream, and comes back current", async ({ page }) => {
  await open(page);
  await expect.poll(() => freshness(page)).toBe("live");
  const look = (state: string) =>
    page.evaluate((value) => {
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => value });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  const closed = page.waitForEvent("requestfailed", (request) => request.url().includes("/api/v1/stream"));
  await look("hidden");
  await closed;
  const opened = page.waitForRequest((request) => request.url().includes("/api/v1/stream"), { timeout: 2_000 });
  await look("visible");
  // It says where it was, so that the server need only send what it missed.
  expect((await opened).url()).toContain("last_event_id=");
  await expect.poll(() => freshness(page), { timeout: 2_000 }).toBe("live");
});

test("while a server hangs with its line open the figures turn late, then stale, at the right second", async ({ page }) => {
  const server = await startRingside();
  try {
    await page.clock.install();
    await page.goto(`${server.url}/live`);
    await awake(page);
    await expect.poll(() => freshness(page)).toBe("live");
    server.freeze();
    const aged = async (seconds: number) => {
      // The last frame may have come up to a moment before the server froze.
      const now = Number.parseFloat(await page.locator(".age-text").innerText());
      await page.clock.runFor(Math.max(0, (seconds - now) * 1_000));
    };
    await aged(19);
    await expect.poll(() => freshness(page)).toBe("live");
    await aged(23);
    await expect.poll(() => freshness(page)).toBe("late");
    await expect(page.locator(".sentence")).toContainText(/Last update .* ago/);
    // Three cadences without a byte: the line is given up, and nothing looks current any more.
    await aged(45);
    await expect.poll(() => freshness(page)).toBe("stale");
    await expect(page.locator(".sentence")).toContainText("connection lost, trying again");
    server.thaw();
    await expect(async () => {
      await page.clock.runFor(4_000);
      expect(await freshness(page)).toBe("live");
    }).toPass({ timeout: 20_000 });
  } finally {
    await server.dispose();
  }
});

test("with the server stopped the page says how old it is, never looks current, and recovers by itself", async ({ page }) => {
  test.setTimeout(180_000);
  const server = await startRingside({ command: ["demo"] });
  try {
    await page.goto(`${server.url}/live`);
    await awake(page);
    await page.getByLabel("Repaint").selectOption("1s");
    // Until it has caught up nothing it shows is of now.
    await expect.poll(() => freshness(page), FLOOR_IS_UP).toBe("live");
    const figure = page.locator(".strip strong").first();
    await expect(figure).not.toBeEmpty();
    await server.down("SIGKILL");
    await expect.poll(() => freshness(page), { timeout: 5_000 }).toBe("stale");
    const kept = await figure.innerText();
    await expect(page.locator(".sentence")).toContainText(/Last update .* ago: connection lost, trying again/);
    await expect(page.locator("#routes > header")).toContainText("old");
    await expect.poll(async () => Number.parseFloat(await page.locator(".age-text").innerText())).toBeGreaterThan(4);
    expect(await freshness(page)).toBe("stale");
    expect(await figure.innerText(), "what was there stays").toBe(kept);
    await server.up();
    await expect.poll(() => freshness(page), { timeout: 30_000 }).toBe("live");
    await expect(page.locator(".sentence")).not.toContainText("connection lost");
  } finally {
    await server.dispose();
  }
});
