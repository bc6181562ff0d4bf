// Which Chromium the tests drive: RINGSIDE_CHROMIUM, else the one Playwright fetched, else the system's.
// Run by itself it prints the path, or fails.
import { existsSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";

const KNOWN = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

export function findChromium() {
  const named = process.env.RINGSIDE_CHROMIUM;
  if (named) return named;
  return [chromium.executablePath(), ...KNOWN].find((path) => existsSync(path));
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const path = findChromium();
  if (path) console.log(path);
  process.exitCode = path ? 0 : 1;
}
