// Calls of two days ago, as many as fill what the server holds of its store: 400,000 take some 150 MB there, and its page
// cache is 128 MiB at most. What is bounded by its size would otherwise still fill up while it is watched whether something grows.
import { post } from "../bench/bed.mjs";

const CALLS = 400_000;
const CALLS_A_BODY = 2_000;
const BODIES_AT_ONCE = 2;
const EVERY_MS = 200;
const LASTS_MS = 60_000;
const DAY_MS = 86_400_000;

function record(n, began) {
  const at = (ms) => new Date(began + n * EVERY_MS + ms).toISOString();
  const to = `+1${212 + (n % 500)}${String((n * 7_919) % 10_000_000).padStart(7, "0")}`;
  const answered = n % 10 < 3 ? { answered_at: at(9_000), by: "human", bridged_at: at(9_800), agent: `agent-${n % 96}` } : { outcome: "no_answer", sip_code: 480 };
  const data = { call_id: `past-${n}`, direction: "outbound", campaign: `past-${n % 7}`, mode: "predictive", route: `route-${n % 6}`, from: `+1202555${String(n % 200).padStart(4, "0")}`, to, started_at: at(0), progress_at: at(1_500), ended_at: at(LASTS_MS), ...answered };
  return JSON.stringify({ specversion: "1.0", id: `past-${n}`, source: "past", type: "call.record", time: at(LASTS_MS), data });
}

export async function fill(url, now) {
  const began = now - 2 * DAY_MS;
  let next = 0;
  const send = async () => {
    while (next < CALLS) {
      const first = next;
      next += CALLS_A_BODY;
      await post(url, Array.from({ length: CALLS_A_BODY }, (_, i) => record(first + i, began)));
    }
  };
  await Promise.all(Array.from({ length: BODIES_AT_ONCE }, send));
}
