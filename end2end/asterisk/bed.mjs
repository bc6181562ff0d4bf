// The bed from the test's side: free ports, carriers and PBX up and down, and what the carriers themselves saw.
import { execFileSync } from 'node:child_process';
import dgram from 'node:dgram';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Ami } from './ami.mjs';

const here = import.meta.dirname;

/** Waits until `ask` gives something true; says what it waited for if it never does. */
export async function until(what, ask, within = 20_000) {
  const deadline = Date.now() + within;
  for (let error = ''; ; await sleep(50)) {
    try {
      const answer = await ask();
      if (answer) return answer;
      error = '';
    } catch (e) {
      error = ` (${e.message})`;
    }
    if (Date.now() > deadline) throw new Error(`waited ${within / 1000} s for ${what}${error}`);
  }
}

export async function freeTcpPort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function freeUdpPort() {
  const socket = dgram.createSocket('udp4');
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

export class Bed {
  constructor(dir, ports) {
    this.dir = dir;
    this.ports = ports;
  }

  static async up() {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'ringside-asterisk-'));
    const ports = { AMI_PORT: await freeTcpPort() };
    for (const name of ['SIP', 'ANSWER', 'BUSY', 'CONGESTED', 'SILENT', 'AGENT', 'DEAD']) ports[`${name}_PORT`] = await freeUdpPort();
    const bed = new Bed(dir, ports);
    bed.sh('up');
    return bed;
  }

  sh(what, ...more) {
    const env = { ...process.env, ...Object.fromEntries(Object.entries(this.ports).map(([k, v]) => [k, String(v)])) };
    execFileSync(path.join(here, 'bed.sh'), [what, this.dir, ...more], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  }

  /** Until Asterisk takes calls; the manager interface listens a little earlier. Gives the dialer's connection. */
  booted(onEvent) {
    return until('Asterisk to be up', async () => {
      const dialer = await Ami.connect({ port: this.ports.AMI_PORT, user: 'dialer', events: 'call', onEvent });
      await dialer.action({ Action: 'Command', Command: 'core waitfullybooted' });
      return dialer;
    });
  }

  /** By number called: when this carrier got the INVITE and when it sent each answer, in ms of its own clock. */
  carrier(name) {
    const calls = new Map();
    const log = fs.readFileSync(path.join(this.dir, 'sip', `${name}.messages`), 'utf8');
    for (const part of log.split(/^-{20,} /m).slice(1)) {
      const [, day, time, micros, way] = part.match(/^(\S+) (\d\d:\d\d:\d\d)\.(\d+)\n\w+ message (received|sent)/) ?? [];
      if (!way) continue;
      const at = Date.parse(`${day}T${time}`) + Number(micros) / 1000;
      const [, number] = part.match(/^To:.*sip:(\d+)@/m) ?? [];
      const [, cseq] = part.match(/^CSeq: \d+ (\w+)/m) ?? [];
      if (!number || cseq !== 'INVITE') continue;
      const [, status] = part.match(/^SIP\/2\.0 (\d+)/m) ?? [];
      const seen = calls.get(number) ?? {};
      const what = way === 'sent' ? status : /^INVITE /m.test(part) ? 'INVITE' : undefined;
      if (what && !(what in seen)) seen[what] = at;
      calls.set(number, seen);
    }
    return calls;
  }

  down() {
    this.sh('down');
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A wire between a client and the PBX that can be cut. */
export class Wire {
  #server; #pairs = new Set(); #cut = false;

  static async to(port) {
    const wire = new Wire();
    wire.#server = net.createServer((client) => {
      if (wire.#cut) return client.destroy();
      const pbx = net.connect(port, '127.0.0.1');
      const end = () => { client.destroy(); pbx.destroy(); wire.#pairs.delete(end); };
      wire.#pairs.add(end);
      for (const socket of [client, pbx]) socket.on('error', end).on('close', end);
      client.pipe(pbx);
      pbx.pipe(client);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => wire.#server.once('listening', resolve));
    wire.port = wire.#server.address().port;
    return wire;
  }

  cut() {
    this.#cut = true;
    for (const end of [...this.#pairs]) end();
  }

  mend() { this.#cut = false; }
  close() { this.cut(); this.#server.close(); }
}
