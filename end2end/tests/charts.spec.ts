// Charts that answer: the exact values of a moment by pointer, keys and touch, at the same moment on every chart of the page, a
// series alone, and words that never touch. The floor is told by hand, so that every value is known.
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { ago, record, send, times } from "../fixtures/floor";
import { type Ringside, awake, expect, startRingside, test } from "../fixtures/ringside";

const MINUTE = 60_000;
const SIZES = [
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
];

let floor: Ringside;

/** A call that rings after `rings` ms, long ended. */
const rung = (country: string, minutesAgo: number, rings: number) =>
  record({ country, route: "r1", campaign: "solar", started: ago(minutesAgo * MINUTE), progress: rings, answered: rings + 2_000, bridged: rings + 2_100, ended: rings + 9_000 });

test.beforeAll(async () => {
  floor = await startRingside();
  // Two countries; nobody is called between 20 and 10 minutes ago. Calls of the last quarter of an hour are up for a while.
  const calls = (from: number, to: number) =>
    Array.from({ length: from - to }, (_, i) => [...times(3, (n) => rung("GB", from - i, 4_000 + n * 100)), ...times(2, () => rung("US", from - i, 1_500))]).flat();
  await send(floor.url, [...calls(50, 20), ...calls(10, 2)]);
  await send(floor.url, times(7, () => record({ country: "GB", route: "r1", campaign: "solar", started: ago(MINUTE), progress: 3_000, answered: 5_000, bridged: 5_100 })));
});

test.afterAll(async () => floor?.dispose());

async function open(page: Page): Promise<void> {
  await page.goto(`${floor.url}/live`);
  await awake(page);
  await expect(page.locator("#pdd .chart[data-drawn]")).toBeVisible();
  await expect(page.locator("#channels .chart-area .chart[data-drawn]")).toBeVisible();
}

const delays = (page: Page) => page.locator("#pdd").getByRole("slider");
const channels = (page: Page) => page.locator("#channels").getByRole("slider");
const words = (page: Page, panel: string) => page.locator(`#${panel} .answer-words`);

interface Point {
  country: string;
  t: string;
  pdd_ms: number;
  progressed: number;
}

async function points(): Promise<Point[]> {
  const frame = await (await fetch(`${floor.url}/api/v1/views/live`)).json();
  return (frame.panels?.pdd ?? frame.pdd).points.rows;
}

const hm = (t: string) => new Date(t).toISOString().slice(11, 16);
const said = (point: Point) => {
  const waited = Math.floor(point.pdd_ms / 1_000);
  const over = `${Math.floor(waited / 60)}:${String(waited % 60).padStart(2, "0")}`;
  return `${point.country} ${(point.pdd_ms / point.progressed / 1_000).toFixed(1)} s, ${over} over ${point.progressed} ${point.progressed === 1 ? "call" : "calls"}`;
};

test("keys lead from minute to minute; what is said of each is what the frame has, and a gap is said as one", async ({ page, troubles }) => {
  await open(page);
  await delays(page).focus();
  await expect(delays(page)).toHaveAttribute("aria-valuetext", /arrow keys/);
  await page.keyboard.press("Home");
  const all = await points();
  let gaps = 0;
  let exact = 0;
  for (let step = 0; step < 60; step++) {
    // Numbers keep to their units by a space that does not break.
    const told = ((await delays(page).getAttribute("aria-valuetext")) ?? "").replaceAll("\u00a0", " ");
    const minute = told.slice(0, 5);
    const of = (country: string) => all.find((point) => point.country === country && hm(point.t) === minute);
    for (const country of ["GB", "US"]) {
      const point = of(country);
      expect(told).toContain(point && point.progressed > 0 ? said(point) : `${country} no data`);
      if (point) exact++;
      else gaps++;
    }
    await page.keyboard.press("ArrowRight");
  }
  expect(exact).toBeGreaterThan(40);
  expect(gaps).toBeGreaterThan(10);
  await expect(words(page, "pdd")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(words(page, "pdd")).toHaveCount(0);
  await page.keyboard.press("End");
  await expect(words(page, "pdd")).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(words(page, "pdd"), "who leaves reads no more").toHaveCount(0);
  expect(troubles).toEqual([]);
});

test("the pointer reads a moment on every chart of the page, and no chart is drawn again for it", async ({ page }) => {
  await open(page);
  const drawings = () => page.evaluate(() => (window as unknown as { drawings: number }).drawings);
  await page.getByLabel("Repaint").selectOption("manual");
  await expect.poll(() => page.locator(".live").getAttribute("data-fresh")).toBe("paused");
  await page.evaluate(() => {
    const seen = window as unknown as { drawings: number };
    seen.drawings = 0;
    const clear = CanvasRenderingContext2D.prototype.clearRect;
    CanvasRenderingContext2D.prototype.clearRect = function (...all) {
      seen.drawings++;
      clear.apply(this, all);
    };
  });
  const box = (await channels(page).boundingBox())!;
  for (const along of [0.2, 0.5, 0.7]) {
    await page.mouse.move(box.x + box.width * along, box.y + box.height / 2);
    const here = (await words(page, "channels").locator("> b").textContent()) ?? "";
    const there = (await words(page, "pdd").locator("> b").textContent()) ?? "";
    expect(here).toMatch(/^\d\d:\d\d:\d\d–\d\d:\d\d:\d\d$/);
    expect(there.slice(0, 5), "the minute that holds these ten seconds").toBe(here.slice(0, 5));
  }
  await expect(words(page, "channels")).toContainText("In use");
  // How long a step takes, for the record.
  const ms = await page.evaluate(async () => {
    // The page answers in a task of its own: until that is done, and laid out, the step has not been made.
    const done = () =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = resolve;
        port2.postMessage(0);
      });
    const chart = document.querySelector("#pdd .answer")!;
    const { left, top, width, height } = chart.getBoundingClientRect();
    const begin = performance.now();
    for (let step = 0; step < 200; step++) {
      chart.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, clientX: left + (width * (step % 100)) / 100, clientY: top + height / 2 }));
      await done();
      chart.getBoundingClientRect();
    }
    return (performance.now() - begin) / 200;
  });
  console.log(`a move of the pointer: ${ms.toFixed(3)} ms`);
  expect(await drawings()).toBe(0);
  await page.mouse.move(2, 2);
  await expect(words(page, "channels")).toHaveCount(0);
});

test("a delta leaves the moment that is read where it is", async ({ page }) => {
  await open(page);
  await delays(page).focus();
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  const before = await words(page, "pdd").locator("> b").textContent();
  const age = await page.evaluate(() => document.querySelector(".live")!.getAttribute("data-fresh"));
  expect(age).not.toBe("stale");
  await send(floor.url, times(3, () => rung("PH", 1, 2_500)));
  await expect(page.locator("#pdd .answer-words")).toContainText("PH");
  expect(await words(page, "pdd").locator("> b").textContent()).toBe(before);
});

test("a series' name shows it alone, by pointer and by key, and all again", async ({ page }) => {
  await open(page);
  const chart = page.locator("#pdd .chart");
  const gb = page.locator("#pdd .series").getByRole("button", { name: "GB" });
  await expect(chart).toHaveAttribute("aria-label", /GB .*US |US .*GB /);
  await gb.click();
  await expect(gb).toHaveAttribute("aria-pressed", "true");
  await expect(chart).not.toHaveAttribute("aria-label", /US/);
  await delays(page).focus();
  await page.keyboard.press("End");
  await expect(words(page, "pdd").locator("li")).toHaveCount(1);
  await gb.focus();
  await page.keyboard.press("Enter");
  await expect(gb).toHaveAttribute("aria-pressed", "false");
  await expect(chart).toHaveAttribute("aria-label", /US/);
});

test.describe("by touch", () => {
  test.use({ hasTouch: true, viewport: { width: 390, height: 844 } });

  test("a tap reads a moment, and it stays when the finger is lifted", async ({ page }) => {
    await open(page);
    await delays(page).scrollIntoViewIfNeeded();
    const box = (await delays(page).boundingBox())!;
    await page.touchscreen.tap(box.x + box.width * 0.3, box.y + box.height / 2);
    const first = await words(page, "pdd").locator("> b").textContent();
    await page.touchscreen.tap(box.x + box.width * 0.6, box.y + box.height / 2);
    await expect(words(page, "pdd").locator("> b")).not.toHaveText(first ?? "");
    const said = (await words(page, "pdd").boundingBox())!;
    expect(said.x).toBeGreaterThanOrEqual(0);
    expect(said.x + said.width).toBeLessThanOrEqual(390);
  });
});

for (const size of SIZES) {
  test(`no word of a chart is cut or over another at ${size.width}`, async ({ page }) => {
    await page.setViewportSize(size);
    // What is written on each canvas since it was last cleared, where, and how wide the browser makes it.
    await page.addInitScript(() => {
      const { clearRect, fillText } = CanvasRenderingContext2D.prototype;
      const written = ((window as unknown as { written: Map<HTMLCanvasElement, object[]> }).written = new Map());
      CanvasRenderingContext2D.prototype.clearRect = function (...all) {
        written.set(this.canvas, []);
        clearRect.apply(this, all);
      };
      CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
        const to = this.getTransform();
        const ink = this.measureText(text);
        const scale = to.a / (this.canvas.width / this.canvas.clientWidth);
        const box = {
          text,
          left: (x - ink.actualBoundingBoxLeft) * scale,
          right: (x + ink.actualBoundingBoxRight) * scale,
          top: (y - ink.actualBoundingBoxAscent) * scale,
          bottom: (y + ink.actualBoundingBoxDescent) * scale,
        };
        written.get(this.canvas)?.push(box);
        fillText.call(this, text, x, y);
      };
    });
    await open(page);
    const wrong = await page.evaluate(() => {
      interface Box {
        text: string;
        left: number;
        right: number;
        top: number;
        bottom: number;
      }
      const wrong: string[] = [];
      let seen = 0;
      for (const [canvas, boxes] of (window as unknown as { written: Map<HTMLCanvasElement, Box[]> }).written) {
        if (!canvas.isConnected) continue;
        for (const [at, box] of boxes.entries()) {
          seen++;
          const isOut = box.left < -0.5 || box.right > canvas.clientWidth + 0.5 || box.top < -0.5 || box.bottom > canvas.clientHeight + 0.5;
          if (isOut || box.text.includes("…")) wrong.push(`${box.text} is cut`);
          for (const other of boxes.slice(at + 1)) {
            const areApart = box.right <= other.left || other.right <= box.left || box.bottom <= other.top || other.bottom <= box.top;
            if (!areApart) wrong.push(`${box.text} and ${other.text}`);
          }
        }
      }
      return seen > 5 ? wrong : [`only ${seen} words`];
    });
    expect(wrong).toEqual([]);
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      await delays(page).focus();
      await page.keyboard.press("End");
      expect((await new AxeBuilder({ page }).include("#pdd").include("#channels").analyze()).violations).toEqual([]);
    }
  });
}

test("in full screen a chart answers as well, and nothing of it moves the page", async ({ page }) => {
  await open(page);
  await delays(page).scrollIntoViewIfNeeded();
  const place = () => page.locator("#pdd .chart").boundingBox();
  const before = await place();
  await delays(page).focus();
  await page.keyboard.press("End");
  expect(await place()).toEqual(before);
  await page.locator("#pdd").evaluate((panel) => panel.requestFullscreen());
  await delays(page).focus();
  await page.keyboard.press("Home");
  await expect(words(page, "pdd")).toBeVisible();
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("the drawing says what it shows, and no dead control is there", async ({ page }) => {
    await page.goto(`${floor.url}/live`);
    await expect(page.locator("#pdd .chart")).toHaveAttribute("aria-label", /GB/);
    await expect(page.locator("#pdd .chart-first > svg")).toBeVisible();
    await expect(page.locator(".answer:visible, .series:visible")).toHaveCount(0);
  });
});
