// Clients can be generated from what the server says of its API: one is, compiled strictly, and called.
import { execFileSync } from "node:child_process";
import { mkdtempSync, cpSync, symlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, startRingside, test } from "../fixtures/ringside";

test("a client generated from the description compiles and reads every view", async () => {
  const server = await startRingside();
  const folder = mkdtempSync(join(tmpdir(), "ringside-client-"));
  const run = (tool: string, ...args: string[]) =>
    execFileSync(resolve("node_modules/.bin", tool), args, { cwd: folder, encoding: "utf8" });
  try {
    cpSync("client", folder, { recursive: true });
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    run("openapi-typescript", `${server.url}/api/openapi.json`, "-o", "generated.ts");
    run("tsc", "-p", "tsconfig.json");
    const told = JSON.parse(execFileSync("node", [join(folder, "out/reader.js"), server.url], { encoding: "utf8" }));
    expect(told).toMatchObject({ accepted: 1, campaigns: ["spring"], days: 30 });
    expect(told.zone).toBe("UTC");
    expect(told.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  } finally {
    rmSync(folder, { recursive: true });
    await server.dispose();
  }
});
