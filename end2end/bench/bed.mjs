// What the browser's benches stand on: a server of its own on a free port, a Chromium, and a way to send it events.
import { chromium } from "@playwright/test";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findChromium } from "../find-chromium.mjs";

const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const TRIES = 400;

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const freePort = () =>
  new Promise((done) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });

// Runs a bench between start and tidying up; what it throws is the process's failure. `more` is what else the server's
// environment has, made in the bench's folder.
export async function bench(run, more = () => ({})) {
  const url = `http://127.0.0.1:${await freePort()}`;
  const folder = mkdtempSync(join(tmpdir(), "ringside-bench-"));
  const database = join(folder, "bench.db");
  // What a bed or a shell is told is no setting of the server's.
  const told = Object.entries(process.env).filter(([name]) => !name.startsWith("RINGSIDE_"));
  const env = { ...Object.fromEntries(told), ...more(folder) };
  const server = spawn(process.env.RINGSIDE_BINARY, ["serve", "--listen", url.slice("http://".length), "--database", `sqlite:${database}`], { stdio: "ignore", env });
  let browser;
  let code = 0;
  try {
    const up = () => fetch(`${url}/healthz`).then((r) => r.ok, () => false);
    for (let tries = 0; !(await up()); tries++) {
      if (tries > TRIES) throw new Error("the server did not start");
      await pause(50);
    }
    browser = await chromium.launch({ executablePath: findChromium(), args: ARGS });
    await run({ url, browser, server, database, env });
  } catch (error) {
    console.error(String(error), error.cause ?? "");
    code = 1;
  } finally {
    await browser?.close();
    server.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
  process.exit(code);
}

let made = 0;
export const event = (type, data) => JSON.stringify({ specversion: "1.0", id: `b${++made}`, source: "bench", type, time: new Date().toISOString(), data });

export async function post(url, lines) {
  const answer = await fetch(`${url}/api/v1/events`, { method: "POST", headers: { "content-type": "application/x-ndjson" }, body: lines.join("\n") });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
}

// Makes and sends lines at an even pace until told to stop; `stop` waits for the last.
export function keepSending(url, everyMs, lines) {
  let going = true;
  const sending = (async () => {
    let next = Date.now();
    while (going) {
      await post(url, lines());
      next += everyMs;
      await pause(Math.max(0, next - Date.now()));
    }
  })();
  return {
    stop: () => {
      going = false;
      return sending;
    },
  };
}

export async function remember(page, cadence) {
  await page.addInitScript((cadence) => {
    try {
      localStorage.setItem("ringside.refresh", cadence);
    } catch {}
  }, cadence);
}
