// A program against the API, compiled with types that were generated from the running server's own description: a member
// that it reads and the description lacks does not compile.
import createClient from "openapi-fetch";
import type { paths } from "./generated.js";

declare const process: { argv: string[] };

const api = createClient<paths, "application/json">({ baseUrl: process.argv[2] });

/** The answer, or an end with the server's own words. */
function told<T>({ data, error }: { data?: T; error?: unknown }): T {
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
}

const sent = told(await api.POST("/api/v1/events", {
  headers: { "Content-Type": "application/cloudevents+json" },
  bodySerializer: (body) => JSON.stringify(body),
  body: {
    specversion: "1.0", id: "client-1", source: "client", type: "call.started", time: new Date().toISOString(),
    data: { call_id: "c1", direction: "outbound", campaign: "spring", route: "alpha", from: "+12025550142", to: "+12025550187" },
  },
}));

async function until<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (let tries = 0; tries < 100; tries++) {
    const value = await read();
    if (holds(value)) return value;
    await new Promise((later) => setTimeout(later, 100));
  }
  throw new Error("it never came to hold");
}

const live = await until(
  async () => told(await api.GET("/api/v1/views/live", {})),
  (frame) => frame.routes?.rows.some((row) => row.route === "alpha" && row.attempts === 1) ?? false,
);
const monitor = told(await api.GET("/api/v1/views/monitor", {}));
const daily = told(await api.GET("/api/v1/views/daily", {}));
const trend = told(await api.GET("/api/v1/views/trend", {}));
const problems = told(await api.GET("/api/v1/problems", {}));
const kpi = told(await api.GET("/api/v1/kpis/{id}", { params: { path: { id: "calls_per_minute" } } }));

console.log(JSON.stringify({
  accepted: sent.accepted,
  band: live.status.band,
  zone: live.site.zone,
  campaigns: monitor.cards.rows.map((card) => card.campaign),
  date: daily.day.date,
  days: trend.days.rows.length,
  problems: problems.rows.length,
  numerator: kpi.rows[0]?.numerator,
}));
