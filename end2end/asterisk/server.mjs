// The server that follows the bed's PBX, and its public answers.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { freeTcpPort, until } from './bed.mjs';

/** Starts a server on the bed's database with this configuration, and waits until it is ready. */
export async function serve(bed, config) {
  const listen = `127.0.0.1:${await freeTcpPort()}`;
  const file = path.join(bed.dir, 'ringside.toml');
  fs.writeFileSync(file, config);
  const log = fs.openSync(path.join(bed.dir, 'ringside.log'), 'a');
  const args = ['serve', '--listen', listen, '--database', `sqlite:${path.join(bed.dir, 'ringside.db')}`, '--config', file];
  // What a test-bed or a shell is told is no setting of the server's.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('RINGSIDE_')));
  const server = spawn(process.env.RINGSIDE, args, { env, stdio: ['ignore', log, log] });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.once('error', (error) => { throw error; });
  const get = async (what) => {
    const answer = await fetch(`http://${listen}${what}`);
    if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
    return answer.headers.get('content-type').includes('json') ? answer.json() : answer.text();
  };
  const end = (signal) => { server.kill(signal); return ended; };
  const died = ended.then((code) => { throw new Error(`the server ended with ${code}`); });
  await Promise.race([until('the server to be ready', () => get('/readyz')), died]);
  died.catch(() => {});
  return { url: `http://${listen}`, get, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/** Every call that the API lists, by its id. */
export async function allCalls(api) {
  const calls = [];
  for (let cursor = ''; cursor !== null;) {
    const page = await api.get(`/api/v1/calls?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    calls.push(...page.rows);
    cursor = page.next_cursor ?? null;
  }
  return new Map(calls.map((call) => [call.call_id, call]));
}
