// The server and the floor as processes of their own, by a faster clock; and what the system says of them.
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// The environment by which a program lives at another pace.
export function hastened({ from, pace }, folder) {
  const library = join(folder, "clock.so");
  execFileSync("cc", ["-O2", "-Wall", "-shared", "-fPIC", "-o", library, fileURLToPath(new URL("clock.c", import.meta.url))]);
  return { LD_PRELOAD: library, SOAK_FROM: String(from), SOAK_PACE: String(pace) };
}

// `ringside simulate`, with the hour before it.
export function floor(url, env, times) {
  const args = ["simulate", "--to", url, "--lead", "65", "--times", String(times)];
  return spawn(process.env.RINGSIDE_BINARY, args, { stdio: ["ignore", "ignore", "inherit"], env });
}

const size = (path) => {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
};

export function stands(pid, database) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const field = (name) => Number(status.match(new RegExp(`^${name}:\\s+(\\d+)`, "m"))?.[1]);
  return {
    rss: field("VmRSS") * 1024,
    threads: field("Threads"),
    fds: readdirSync(`/proc/${pid}/fd`).length,
    store: size(database),
    log: size(`${database}-wal`),
  };
}

// Figures of /metrics: by each name of ours that of theirs.
export async function measures(url, names) {
  const ask = async () => (await fetch(`${url}/metrics`)).text();
  // A connection that was idle may be closed at the very moment.
  const text = await ask().catch(ask);
  const value = (name) => Number(text.match(new RegExp(`^${name} (\\S+)`, "m"))?.[1] ?? NaN);
  return Object.fromEntries(Object.entries(names).map(([ours, theirs]) => [ours, value(theirs)]));
}
