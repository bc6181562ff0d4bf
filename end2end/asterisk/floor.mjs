// Who speaks with whom on a floor as dialers build it, and what becomes of the figures and of persons' numbers.
//
// Calls through Local channels meet agents in a queue, at a telephone, in a conference and nowhere that can be seen; a
// caller waits in a queue whose member is a Local channel; another is sent on to a mobile; an agent passes a person on.
// Then the server is killed in mid-call, and calls end while it is away. The figures must be those of the calls placed,
// and no person's number may stand in clear in anything that the server says; once erased, nor anywhere in its files.
//
//   RINGSIDE=target/debug/ringside node floor.mjs
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Bed, until } from './bed.mjs';
import { allCalls, serve } from './server.mjs';

const OWN = '12025550100';
const CALLER = '442079460018';
const MOBILE = '12025550187';

const began = Date.now();
const say = (text) => console.log(`${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${text}`);

const config = (port) => `
[source.asterisk]
address = "127.0.0.1:${port}"
user = "ringside"
secret = "only-on-loopback"
realm = "pbx"
country = "US"
dids = ["+${OWN}"]

[source.asterisk.routes]
answer = "alpha"
"pat*" = "bravo"
outside = "charlie"

[source.asterisk.queues]
help = "service"
`;

/** How each campaign dials and where its answered calls go; what must come of each of its calls. */
const CAMPAIGNS = {
  queue: { via: 'local', exten: 'queue', calls: 4, each: { bridged: 1 } },
  member: { via: 'local', exten: 'help', calls: 2, each: { bridged: 1 } },
  telephone: { via: 'local', exten: 'agent', calls: 3, each: { bridged: 1 } },
  program: { via: 'local', exten: 'hold', calls: 3, each: { unjudged_live: 1 } },
  conference: { via: 'local', exten: 'conference', calls: 2, each: { unjudged_live: 1 } },
  dropped: { via: 'direct', exten: 'hold', calls: 2, endpoint: 'patient', each: { abandoned: 1 } },
};

// The PBX's own account.

const ids = new Map();
const over = new Set();
const channels = new Map();
function heard(event) {
  if (event.Event === 'DialBegin' && event.DestChannel.startsWith('PJSIP/')) ids.set(event.DialString.split('@')[0], event.DestUniqueid);
  if (event.Event === 'Hangup') over.add(event.Uniqueid);
  if (event.Uniqueid && event.Channel) channels.set(event.Uniqueid, event.Channel);
}
const isOver = (number) => ids.has(number) && over.has(ids.get(number));

let placed = 0;
const people = [CALLER, MOBILE];
/** Who was dialled while the server was away. */
let unseen;
/** Dials one more person; gives the number. */
async function dial(dialer, { via, exten, campaign, endpoint = 'answer' }) {
  const number = `1202555${String(200 + placed++).padStart(4, '0')}`;
  people.push(number);
  const variable = via === 'local' ? [`__CAMPAIGN=${campaign}`, `__ROUTE=${endpoint}`] : `CAMPAIGN=${campaign}`;
  await dialer.action({
    Action: 'Originate', Async: 'true', Timeout: 5_000, CallerID: `<${OWN}>`, Context: 'answered', Exten: exten, Priority: 1,
    Channel: via === 'local' ? `Local/${number}@dial` : `PJSIP/${number}@${endpoint}`, Variable: variable,
  });
  return number;
}

const hangUp = (dialer, number) => dialer.action({ Action: 'Hangup', Channel: channels.get(ids.get(number)), Cause: 16 });

/** Somebody calls from outside and talks for so long. */
function calls(bed, service, talk) {
  const scenario = path.join(bed.dir, `caller-${talk}.xml`);
  const text = fs.readFileSync(path.join(import.meta.dirname, 'carriers', 'caller.xml'), 'utf8');
  fs.writeFileSync(scenario, text.replaceAll('@TALK@', String(talk)));
  const args = ['-sf', scenario, '-s', service, '-i', '127.0.0.1', '-m', '1', '-nostdin', '-key', 'from', CALLER, `127.0.0.1:${bed.ports.SIP_PORT}`];
  const caller = spawn('sipp', args, { cwd: path.join(bed.dir, 'sip'), stdio: 'ignore' });
  return new Promise((resolve, reject) => caller.once('error', reject).once('exit', resolve));
}

/** Everything that the server says, as one text. */
async function allSaid(bed, api) {
  const views = ['live', 'daily', 'trend', 'monitor', ...Object.keys(CAMPAIGNS).map((campaign) => `monitor/${campaign}`)];
  const facts = ['total', 'campaign', 'route', 'country', 'did', 'agent', 'queue'].map((by) => `/api/v1/facts?by=${by}&window=60m`);
  const asked = [...views.map((view) => `/api/v1/views/${view}`), ...facts, '/api/v1/calls?limit=1000', '/metrics', '/'];
  const said = await Promise.all(asked.map(async (what) => JSON.stringify(await api.get(what))));
  return [...said, fs.readFileSync(path.join(bed.dir, 'ringside.log'), 'utf8')].join('\n');
}

async function nothingInClear(bed, api) {
  const said = (await allSaid(bed, api)).replaceAll(/[^0-9A-Za-z"]/g, '');
  for (const number of people) assert.ok(!said.includes(number) && !said.includes(number.slice(1)), `${number} is said in clear`);
}

async function compare(api) {
  const { rows } = await api.get('/api/v1/facts?by=campaign&window=60m');
  for (const [campaign, { calls, each }] of Object.entries(CAMPAIGNS)) {
    const facts = rows.find((row) => row.key === campaign)?.facts ?? {};
    const want = { attempts: 1, answered_live: 1, ended: 1, bridged: 0, abandoned: 0, unjudged_live: 0, ...each };
    const got = Object.fromEntries(Object.keys(want).map((name) => [name, facts[name] ?? 0]));
    assert.deepEqual(got, Object.fromEntries(Object.entries(want).map(([name, n]) => [name, n * calls])), `the facts of ${campaign}`);
  }
  const dids = (await api.get('/api/v1/facts?by=did&window=60m')).rows.map((row) => row.key).filter(Boolean).sort();
  assert.deepEqual(dids, [`+${OWN}`, '+12025550198', '+12025550199'], 'the floor\'s own numbers');
  const agents = (await api.get('/api/v1/facts?by=agent&window=60m')).rows.map((row) => row.key).sort();
  assert.deepEqual(agents, ['Agent 1', 'Agent 2'], 'the agents');
}

/** Calls from outside: one waits in a queue for an agent, one is sent on to a mobile. */
async function fromOutside(bed, api) {
  await calls(bed, '12025550199', 2_000);
  await calls(bed, '12025550198', 2_000);
  const inbound = async () => [...(await allCalls(api)).values()].filter((call) => call.direction === 'inbound');
  await until('the calls from outside to end', async () => (await inbound()).filter((call) => call.ended_at).length === 2);
  const [queued, sentOn] = ['help', undefined].map(async (queue) => (await inbound()).find((call) => call.queue === queue));
  assert.equal((await queued).agent, 'Agent 1', 'the queue\'s member is the agent at the telephone');
  assert.equal((await sentOn).agent, undefined, 'who is at a mobile is no agent');
  const passed = (await allCalls(api)).get(ids.get(MOBILE));
  assert.equal(passed.from, undefined, 'the caller\'s number is not the floor\'s');
}

/** An agent passes a person on. */
async function transfer(dialer, api) {
  const number = await dial(dialer, { via: 'direct', exten: 'agent', campaign: 'passed', endpoint: 'patient' });
  const call = () => allCalls(api).then((all) => all.get(ids.get(number)));
  await until('the person to meet an agent', async () => (await call())?.bridged_at);
  const agent = [...channels].find(([id, channel]) => channel.startsWith('PJSIP/agent-2') && !over.has(id))[1];
  await dialer.action({ Action: 'BlindTransfer', Channel: agent, Context: 'answered', Exten: 'hold' });
  await until('the transfer', async () => (await call()).transferred_at);
  await hangUp(dialer, number);
  await until('its end', async () => (await call()).ended_at);
  assert.equal((await call()).agent, 'Agent 2');
}

/** The server is killed while people talk; some hang up before it is back. */
async function restart(bed, dialer, before) {
  const talking = [];
  for (let i = 0; i < 2; i++) talking.push(await dial(dialer, { via: 'local', exten: 'queue', campaign: 'restarted', endpoint: 'patient' }));
  const call = (api, number) => allCalls(api).then((all) => all.get(ids.get(number)));
  const inbound = async (api) => [...(await allCalls(api)).values()].filter((one) => one.direction === 'inbound').at(0);
  await until('people to talk', async () => (await Promise.all(talking.map((number) => call(before, number)))).every((one) => one?.bridged_at));
  const waiting = await dial(dialer, { via: 'local', exten: 'queue', campaign: 'restarted', endpoint: 'patient' });
  const outside = calls(bed, '12025550198', 12_000);
  await until('one to wait', async () => (await call(before, waiting))?.queued_at);
  await until('the caller to be answered', async () => { const one = await inbound(before); return one.answered_at && !one.ended_at; });
  const [leaves, stays] = talking;
  await before.kill();
  say('  the server is killed');
  await hangUp(dialer, leaves);
  await until('one to hang up', () => isOver(leaves));
  unseen = await dial(dialer, { via: 'direct', exten: 'hold', campaign: 'restarted' });
  await until('one to come and go', () => isOver(unseen));

  const api = await serve(bed, config(bed.ports.AMI_PORT));
  await until('the end that nobody saw', async () => (await call(api, leaves)).ended_at);
  const still = await call(api, stays);
  assert.ok(still.bridged_at && !still.ended_at && still.direction === 'outbound', 'who still talks still does');
  assert.equal((await inbound(api)).direction, 'inbound', 'a caller is still one');
  assert.equal(await call(api, unseen), undefined, 'nobody saw that call');
  const pbx = () => api.get('/api/v1/views/live').then((live) => live.infra.rows.find((row) => row.component === 'pbx'));
  await until('the gap to be told', async () => /^away .*import the CDRs$/.test((await pbx())?.detail ?? ''), 30_000);
  say(`  ${(await pbx()).detail}`);
  for (const number of [stays, waiting]) {
    if (!isOver(number)) await hangUp(dialer, number);
  }
  await outside;
  await until('all to end', async () => [...(await allCalls(api)).values()].every((one) => one.ended_at));
  return api;
}

/** The bytes of the database's files. */
const kept = (bed) => fs.readdirSync(bed.dir).filter((name) => name.startsWith('ringside.db')).map((name) => fs.readFileSync(path.join(bed.dir, name), 'latin1'));

/** Each person asks to be forgotten; then no file of the database may hold a number, in any column, index or freed page. */
function erase(bed) {
  const held = () => people.filter((number) => kept(bed).some((bytes) => bytes.includes(number) || bytes.includes(number.slice(1))));
  assert.deepEqual(held(), people.filter((number) => number !== unseen), 'before, the database holds who was dialled');
  for (const number of people) {
    execFileSync(process.env.RINGSIDE, ['erase', '--number', `+${number}`, '--database', `sqlite:${path.join(bed.dir, 'ringside.db')}`], { stdio: 'pipe' });
  }
  assert.deepEqual(held(), [], 'after, it holds nobody');
  say(`${people.length} people are forgotten`);
}

async function main(bed) {
  const dialer = await bed.booted(heard);
  let api = await serve(bed, config(bed.ports.AMI_PORT));
  try {
    await until('the server to log in', async () => /^2 users/.test((await dialer.action({ Action: 'Command', Command: 'manager show connected' })).Output));
    for (const [campaign, { via, exten, calls, endpoint }] of Object.entries(CAMPAIGNS)) {
      say(`${calls} calls of the campaign ${campaign}`);
      for (let i = 0; i < calls; i++) {
        const number = await dial(dialer, { via, exten, campaign, endpoint });
        if (endpoint === 'patient') {
          // Longer than a person may be kept waiting for an agent.
          await sleep(3_000);
          await hangUp(dialer, number);
        }
        await until('its end', () => isOver(number));
        // The agent's wrap-up.
        await sleep(1_100);
      }
    }
    say('two from outside');
    await fromOutside(bed, api);
    say('a transfer');
    await transfer(dialer, api);
    await until('the figures', async () => (await api.get('/api/v1/facts?by=total&window=60m')).rows[0]?.facts.ended >= placed);
    await compare(api);
    await nothingInClear(bed, api);
    say('all are told as they were, and no number in clear');
    say('the server is to be killed');
    api = await restart(bed, dialer, api);
    await compare(api);
    await nothingInClear(bed, api);
    say('and after a restart');
  } finally {
    dialer.close();
    await api.stop();
  }
  erase(bed);
}

if (!process.env.RINGSIDE) throw new Error('RINGSIDE is not set: where is the binary? (run.sh sets it)');
const bed = await Bed.up();
let good = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    bed.down();
    process.exit(130);
  });
}
try {
  await main(bed);
  good = true;
} finally {
  if (good) bed.down();
  else {
    bed.sh('down');
    console.error(`logs are in ${bed.dir}`);
    console.error(fs.readFileSync(path.join(bed.dir, 'ringside.log'), 'utf8').split('\n').slice(-15).join('\n'));
  }
}
