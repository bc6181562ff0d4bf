// A server that listens to webhooks, and what its API tells afterwards.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { until } from '../asterisk/bed.mjs';
import { allCalls, serve } from '../asterisk/server.mjs';

/** A server with this configuration and its own store, until the test is over. */
export async function listening(t, config) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'ringside-sources-'));
  const server = await serve({ dir }, config);
  t.after(async () => {
    await server.stop();
    fs.rmSync(dir, { recursive: true, force: true });
  });
  const post = (where, headers, body) => fetch(`${server.url}${where}`, { method: 'POST', headers, body });
  return {
    ...server,
    post,
    calls: () => allCalls(server),
    /** As the table of sources has it. */
    source: async (name) => (await server.get('/api/v1/sources')).rows.find((row) => row.name === name),
    taken: async (where, headers, body) => {
      const answer = await post(where, headers, body);
      assert.equal(answer.status, 200, await answer.text());
    },
    refused: async (where, headers, body) => {
      const answer = await post(where, headers, body);
      assert.equal(answer.status, 401, await answer.text());
    },
    /** Waits until the floor's facts of the last hour are these: figures follow a commit by a moment. */
    facts: async (expected) => {
      let counted = {};
      const told = async () => {
        const [row] = (await server.get('/api/v1/facts?by=total&window=60m')).rows;
        counted = Object.fromEntries(Object.keys(expected).map((fact) => [fact, row?.facts[fact] ?? 0]));
        return isDeepStrictEqual(counted, expected);
      };
      await until('the facts', told).catch(() => assert.deepEqual(counted, expected));
    },
  };
}
