// A carrier outage is seen, and its route named, in under 60 seconds (S05): one that answers with errors, and one that
// answers nothing at all.
import { type Page, expect, startRingside, test } from "../fixtures/ringside";

const FLOOR_IS_UP = { timeout: 90_000 };

async function redRoutes(page: Page): Promise<string[]> {
  return page.locator("#routes tr.out").evaluateAll((rows) =>
    rows.filter((row) => row.querySelector(".crit")).map((row) => row.getAttribute("data-key") ?? ""));
}

for (const scenario of ["route-fails", "route-silent"]) {
  test(`${scenario}: the SIP panel turns red for that route, and only that, in under 60 s`, async ({ browser }) => {
    test.setTimeout(240_000);
    const server = await startRingside({ command: ["demo"] });
    try {
      const page = await browser.newPage();
      await page.goto(`${server.url}/live`);
      await expect(page.locator(".demo"), "every page says DEMO").toBeVisible();
      const route = page.locator("#routes tr[data-key]");
      await expect(route.first()).toBeVisible(FLOOR_IS_UP);
      // A floor that has run for a while: some hundred calls are decided, and none of its routes is red.
      await expect
        .poll(async () => {
          const answer = await fetch(`${server.url}/api/v1/facts?by=route&window=5m`);
          const { rows } = (await answer.json()) as { rows: { facts: Record<string, number> }[] };
          return Math.min(...rows.map((row) => row.facts.resolved));
        }, FLOOR_IS_UP)
        .toBeGreaterThanOrEqual(20);
      expect(await redRoutes(page)).toEqual([]);

      const switched = await fetch(`${server.url}/api/v1/demo/scenarios/${scenario}`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ on: true }),
      });
      expect(switched.ok, await switched.text()).toBe(true);
      const began = Date.now();
      await expect.poll(() => redRoutes(page), { timeout: 60_000 }).toHaveLength(1);
      const seconds = (Date.now() - began) / 1_000;
      test.info().annotations.push({ type: "seen after", description: `${seconds.toFixed(1)} s` });
      console.log(`${scenario}: seen after ${seconds.toFixed(1)} s`);
      const [named] = await redRoutes(page);
      await expect(page.locator(".sentence")).toContainText(scenario === "route-fails" ? "is failing" : "is silent");
      // And only that, also a while later.
      await expect.poll(() => redRoutes(page), { timeout: 15_000, intervals: [5_000, 5_000] }).toEqual([named]);
    } finally {
      await server.dispose();
    }
  });
}
