// The shell around every page: readable without scripts, awake with them, and at ease in browsers that refuse things.
import { awake, expect, test } from "../fixtures/ringside";

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("the live view is there to read, and fetches itself anew", async ({ page }) => {
    const response = await page.goto("/live");
    expect(response?.status()).toBe(200);
    await expect(page).toHaveTitle("Live · Ringside");
    await expect(page.getByRole("heading", { level: 1, name: "Live view" })).toBeAttached();
    await expect(page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Live" })).toHaveAttribute(
      "aria-current",
      "page",
    );
    // What needs scripts is not offered.
    await expect(page.getByLabel("Theme")).toBeHidden();
    expect(await response?.text()).toContain('<meta http-equiv="refresh"');
  });
});

test("the page wakes up without a word of complaint", async ({ page, troubles }) => {
  await page.goto("/");
  await expect(page).toHaveURL(/\/live$/);
  await awake(page);
  const font = await page.evaluate(() => document.fonts.ready.then(() => document.fonts.check('16px "Inter"')));
  expect(font).toBe(true);
  expect(troubles).toEqual([]);
});

test("a chosen theme holds at once, after a reload, and before the page is awake", async ({ page, troubles }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/live");
  await awake(page);
  const surface = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await surface();
  await page.getByLabel("Theme").selectOption("dark");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  const dark = await surface();
  expect(dark).not.toBe(light);
  await page.reload({ waitUntil: "commit" });
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await awake(page);
  await expect(page.getByLabel("Theme")).toHaveValue("dark");
  expect(await surface()).toBe(dark);
  expect(troubles).toEqual([]);
});

test("a browser that refuses storage still wakes the page and changes its theme", async ({ page, troubles }) => {
  await page.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(window, name, {
        get: () => {
          throw new DOMException("refused", "SecurityError");
        },
      });
    }
  });
  await page.goto("/live");
  await awake(page);
  await page.getByLabel("Theme").selectOption("light");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  expect(troubles).toEqual([]);
});

test("an old browser is told so and keeps a readable page", async ({ page }) => {
  await page.addInitScript(() => {
    WebAssembly.validate = () => false;
  });
  await page.goto("/live");
  await expect(page.getByText("This browser is too old for live updates")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Live view" })).toBeAttached();
});

test("files that are gone after a release make the page fetch itself anew, and not for ever", async ({ page }) => {
  let asked = 0;
  await page.route("**/*.wasm", (route) => route.fulfill({ status: 404, body: "gone" }));
  page.on("request", (request) => {
    if (request.isNavigationRequest()) asked += 1;
  });
  await page.goto("/live", { waitUntil: "commit" });
  await expect.poll(() => asked).toBe(4);
  await expect(page.getByText("Live updates could not start")).toBeVisible();
  expect(asked).toBe(4);
});

test("an address without a page says so and leads back", async ({ page }) => {
  const response = await page.goto("/no/such/page");
  expect(response?.status()).toBe(404);
  await awake(page);
  await page.getByRole("link", { name: "Go to the live view" }).click();
  await expect(page).toHaveURL(/\/live$/);
  await expect(page.getByRole("heading", { level: 1, name: "Live view" })).toBeAttached();
});

test("the policy lets no script in but the page's own", async ({ page, request }) => {
  const response = await request.get("/live");
  const policy = response.headers()["content-security-policy"] ?? "";
  const nonce = policy.match(/'nonce-([^']+)'/)?.[1];
  expect(nonce).toBeTruthy();
  expect(policy).not.toMatch(/script-src[^;]*'unsafe-(inline|eval)'/);
  const scripts = (await response.text()).match(/<script[^>]*>/g) ?? [];
  expect(scripts.length).toBeGreaterThan(1);
  for (const script of scripts) expect(script).toContain(`nonce="${nonce}"`);

  await page.goto("/live");
  await awake(page);
  const ran = await page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "window.intruder = true";
    document.head.append(script);
    return "intruder" in window;
  });
  expect(ran).toBe(false);
});

test("the skip link is the first stop and leads to the page", async ({ page }) => {
  await page.goto("/live");
  await awake(page);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the page" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("main")).toBeFocused();
});

test("word comes of a newer build, and nothing reloads by itself", async ({ page }) => {
  await page.goto("/live");
  await awake(page);
  const news = page.getByText("Ringside was updated.");
  const look = () => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  const asked = page.waitForResponse("**/healthz");
  await look();
  expect((await (await asked).json()).build, "as the page is").toBe(await page.locator("html").getAttribute("data-build"));
  await expect(news).toBeHidden();
  await page.route("**/healthz", (route) => route.fulfill({ json: { status: "ok", build: "another" } }));
  await look();
  await expect(news).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("data-boot", "ready");
});
