// A hundred calls through a real Asterisk and four SIP carriers, and what the API makes of them.
//
// Three campaigns dial over carriers that answer, refuse with 486, refuse with 503, and never pick up; one of them
// through Local channels. On the way Asterisk loses its power with calls up, and the wire to it is cut while calls
// end. The figures must be those of the calls placed, each call's outcome and SIP code right, and each post-dial delay
// within 50 ms of what the carrier itself logged.
//
//   RINGSIDE=target/debug/ringside node calls.mjs
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Bed, Wire, until } from './bed.mjs';
import { allCalls, serve } from './server.mjs';

const CALLS_A_SECOND = 5;
/** The carrier's route in Ringside, by its endpoint in Asterisk. */
const ROUTES = { answer: 'alpha', busy: 'bravo', congested: 'charlie', silent: 'delta' };
/** What must become of a call. */
const FATES = {
  answer: { answered: true, outcome: null, sip_code: 200 },
  busy: { answered: false, outcome: 'busy', sip_code: 486 },
  congested: { answered: false, outcome: 'congestion', sip_code: 503 },
  silent: { answered: false, outcome: 'no_answer', sip_code: 487 },
  // Nobody saw these end.
  answer_unseen: { answered: true, outcome: null, sip_code: null },
  silent_unseen: { answered: false, outcome: 'failed', sip_code: null },
};

const began = Date.now();
const say = (text) => console.log(`${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${text}`);

// The plan.

const plan = [];
function dial(count, campaign, endpoint, more = {}) {
  for (let i = 0; i < count; i++) {
    const number = `1202555${String(100 + plan.length).padStart(4, '0')}`;
    plan.push({ number, campaign, endpoint, fate: endpoint, via: campaign === 'winter' ? 'local' : 'direct', ...more });
  }
}
dial(15, 'spring', 'answer');
dial(9, 'spring', 'busy');
dial(6, 'spring', 'congested');
dial(7, 'spring', 'silent');
dial(10, 'autumn', 'answer');
dial(5, 'autumn', 'busy');
dial(9, 'autumn', 'congested');
dial(6, 'autumn', 'silent');
dial(9, 'winter', 'answer');
dial(4, 'winter', 'busy');
dial(6, 'winter', 'congested');
dial(5, 'winter', 'silent');
dial(3, 'spring', 'answer', { phase: 'power', fate: 'answer_unseen' });
dial(3, 'autumn', 'silent', { phase: 'power', fate: 'silent_unseen', timeout: 60_000 });
dial(2, 'spring', 'answer', { phase: 'wire', fate: 'answer_unseen' });
dial(1, 'autumn', 'silent', { phase: 'wire', timeout: 6_000 });
assert.equal(plan.length, 100);
/** Mixed, but always in the same way. */
const mixed = plan.filter((call) => !call.phase).sort((a, b) => (Number(a.number) * 7919) % 1009 - (Number(b.number) * 7919) % 1009);
const first = mixed.slice(0, 45);
const rest = mixed.slice(45);

// The PBX's own account: which channel rang which number, and which have hung up.

const byNumber = new Map(plan.map((call) => [call.number, call]));
const byChannel = new Map();
function heard(event) {
  if (event.Event === 'DialBegin' && event.DestChannel.startsWith('PJSIP/')) {
    const call = byNumber.get(event.DialString.split('@')[0]);
    if (call) {
      assert.equal(call.id, undefined, `number ${call.number} was dialled twice`);
      call.id = event.DestUniqueid;
      byChannel.set(call.id, call);
    }
  }
  if (event.Event === 'Hangup' && byChannel.has(event.Uniqueid)) byChannel.get(event.Uniqueid).over = true;
}

async function place(dialer, calls) {
  for (const call of calls) {
    const { number, campaign, endpoint, via } = call;
    await dialer.action({
      Action: 'Originate', Async: 'true', Timeout: call.timeout ?? 3_000, CallerID: '<12025550100>',
      Channel: via === 'local' ? `Local/${number}@dial` : `PJSIP/${number}@${endpoint}`,
      Context: 'answered', Exten: call.phase ? 'hold' : 'queue', Priority: 1,
      Variable: via === 'local' ? [`__CAMPAIGN=${campaign}`, `__ROUTE=${endpoint}`] : `CAMPAIGN=${campaign}`,
    });
    await sleep(1_000 / CALLS_A_SECOND);
  }
}

const over = (calls) => until('the calls to be over', () => calls.every((call) => call.over));

// The server.

const config = (port) => `
[source.asterisk]
address = "127.0.0.1:${port}"
user = "ringside"
secret = "only-on-loopback"
realm = "pbx"
country = "US"
campaign = { variable = "CAMPAIGN" }

[source.asterisk.routes]
${Object.entries(ROUTES).map(([endpoint, route]) => `${endpoint} = { route = "${route}", capacity = 30 }`).join('\n')}

[source.asterisk.modes]
spring = "predictive"
autumn = "progressive"
winter = "preview"
`;

/** Until the API tells of each of these calls what `shows` wants. */
const shown = (api, what, calls, shows) => until(what, async () => {
  const told = await allCalls(api);
  return calls.every((call) => told.has(call.id) && shows(told.get(call.id), call));
});

// What must come out.

function expected(calls) {
  const facts = { attempts: 0, progressed: 0, answered: 0, resolved: 0, ended: 0, busy: 0, no_answer: 0, failed: 0, cancelled: 0, congestion: 0, sip_4xx: 0, sip_5xx: 0, sip_6xx: 0, timeouts: 0 };
  for (const { fate, endpoint } of calls) {
    const { answered, outcome, sip_code } = FATES[fate];
    facts.attempts++;
    facts.resolved++;
    facts.ended++;
    if (endpoint === 'answer' || endpoint === 'silent') facts.progressed++;
    if (answered) facts.answered++;
    else {
      facts[outcome]++;
      if (sip_code) facts[`sip_${Math.floor(sip_code / 100)}xx`]++;
    }
  }
  return facts;
}

/**
 * The facts by `by` (of one campaign), of which each call has the key that `keyOf` gives; of a dimension with
 * one row, whatever its key.
 */
async function compare(api, by, keyOf, campaign) {
  const { rows } = await api.get(`/api/v1/facts?by=${by}&window=60m${campaign ? `&campaign=${campaign}` : ''}`);
  const among = plan.filter((call) => !campaign || call.campaign === campaign);
  const keys = keyOf ? [...new Set(among.map(keyOf))].sort() : [rows[0]?.key];
  // "None" has a row where agents belong to no campaign: their time is in it, and no call.
  const told = rows.map((row) => row.key).filter((key) => keys.includes(key) || key !== '').sort();
  assert.deepEqual(told, keys, `the rows by ${by}`);
  for (const { key, facts } of rows) {
    const want = expected(among.filter((call) => !keyOf || keyOf(call) === key));
    const got = Object.fromEntries(Object.keys(want).map((name) => [name, facts[name] ?? 0]));
    assert.deepEqual(got, want, `the facts of ${by} ${key} ${campaign ?? ''}`);
    const counts = Object.entries(want).filter(([, n]) => n).map(([name, n]) => `${name} ${n}`);
    if (!campaign && counts.length) say(`  ${[by, key].filter(Boolean).join(' ')}: ${counts.join(', ')}`);
  }
}

/** How many calls ended with each code that refused or gave up. */
async function compareCodes(api) {
  const { rows } = await api.get('/api/v1/facts?by=sip_code&window=60m');
  for (const code of [486, 487, 503]) {
    const want = plan.filter((call) => FATES[call.fate].sip_code === code).length;
    assert.equal(rows.find((row) => row.key === String(code))?.facts.resolved, want, `calls with ${code}`);
  }
}

/** What the live view shows of channels, agents and trunks, then of a carrier that dies. */
async function live(api, bed) {
  const view = () => api.get('/api/v1/views/live');
  const trunks = (frame) => Object.fromEntries(frame.routes.rows.map((row) => [row.route, row.trunk]));
  await until('quiet', async () => {
    const { channels, agents, infra } = await view();
    return channels.head.active === 0 && agents.rows.reduce((n, row) => n + row.ready, 0) === 2
      && infra.rows.find((row) => row.component === 'pbx').status === 'healthy';
  });
  const frame = await view();
  assert.equal(frame.channels.head.capacity, 4 * 30, 'the provisioned channels of four routes');
  assert.deepEqual(trunks(frame), { alpha: 'healthy', bravo: 'healthy', charlie: 'healthy', delta: 'healthy' });
  bed.sh('carrier-kill', 'busy');
  await until('the dead trunk to show', async () => trunks(await view()).bravo === 'unhealthy');
  assert.equal(trunks(await view()).alpha, 'healthy', 'the other trunks');
}

async function main(bed, wire) {
  const dialer = { now: await bed.booted(heard) };
  const api = await serve(bed, config(wire.port));
  try {
    say('Asterisk, five carriers and the server are up');
    const loggedIn = () => until('the server to log in', async () => {
      // One line a logged-in user.
      const { Output } = await dialer.now.action({ Action: 'Command', Command: 'manager show connected' });
      return /^2 users/.test(Output);
    });
    await loggedIn();

    say(`placing ${first.length} calls`);
    await place(dialer.now, first);
    await over(first);

    const power = plan.filter((call) => call.phase === 'power');
    say(`${power.length} more; when they are answered or ring, Asterisk loses its power`);
    await Promise.all(power.map((call) => place(dialer.now, [call])));
    await shown(api, 'the calls to be up', power, (told, call) => (call.endpoint === 'answer' ? told.answered_at : told.progress_at) && !told.ended_at);
    bed.sh('pbx-kill');
    dialer.now.close();
    bed.sh('pbx-start');
    dialer.now = await bed.booted(heard);
    await loggedIn();
    await shown(api, 'the calls that died with it to end', power, (told) => told.ended_at);

    const cut = plan.filter((call) => call.phase === 'wire');
    const [talking, ringing] = [cut.slice(0, 2), cut.slice(2)];
    say(`${cut.length} more; ${talking.length} of them end while the wire to Asterisk is cut`);
    await Promise.all(cut.map((call) => place(dialer.now, [call])));
    await shown(api, 'the calls to be up', cut, (told, call) => (call.endpoint === 'answer' ? told.answered_at : told.progress_at));
    wire.cut();
    await over(talking);
    wire.mend();
    await shown(api, 'the unseen ends', talking, (told) => told.ended_at);
    assert.ok((await allCalls(api)).get(ringing[0].id).ended_at === undefined || ringing[0].over, 'the call that still rings has not ended');
    await over(ringing);

    say(`placing the other ${rest.length}`);
    await place(dialer.now, rest);
    await over(rest);

    await shown(api, 'every call to have ended', plan, (told) => told.ended_at);
    const told = await allCalls(api);
    assert.equal(told.size, plan.length, 'as many calls as were placed');
    // Facts come a tick after the calls.
    await until('the figures', async () => (await api.get('/api/v1/facts?by=total&window=60m')).rows[0]?.facts.ended === plan.length);

    say('comparing');
    await compare(api, 'total');
    await compare(api, 'campaign', (call) => call.campaign);
    await compare(api, 'route', (call) => ROUTES[call.endpoint]);
    for (const campaign of ['spring', 'autumn', 'winter']) await compare(api, 'route', (call) => ROUTES[call.endpoint], campaign);
    await compareCodes(api);

    const carriers = Object.fromEntries(Object.keys(ROUTES).map((name) => [name, bed.carrier(name)]));
    const off = [];
    for (const call of plan) {
      const it = told.get(call.id);
      const want = FATES[call.fate];
      const name = `call ${call.number} of ${call.campaign} over ${call.endpoint}`;
      assert.equal(it.realm, 'pbx', name);
      assert.equal(it.campaign, call.campaign, name);
      assert.equal(it.route, ROUTES[call.endpoint], name);
      assert.equal(it.sip_code ?? null, want.sip_code, `${name}: SIP code`);
      assert.equal(Boolean(it.answered_at), want.answered, `${name}: answered`);
      assert.ok(!JSON.stringify(it).includes(call.number), `${name}: the far end's number is shown`);
      const seen = carriers[call.endpoint].get(call.number);
      assert.ok(seen?.INVITE, `${name}: the carrier never saw it`);
      if (seen[180] === undefined) assert.equal(it.progress_at ?? null, null, `${name}: no ringing`);
      else off.push(Math.abs(Date.parse(it.progress_at) - Date.parse(it.started_at) - (seen[180] - seen.INVITE)));
    }
    off.sort((a, b) => a - b);
    say(`post-dial delay against the carrier's own log, ${off.length} calls: half within ${off[off.length >> 1].toFixed(1)} ms, worst ${off.at(-1).toFixed(1)} ms`);
    assert.ok(off.at(-1) <= 50, 'a post-dial delay is more than 50 ms off');
    say('all 100 calls are told as they were');

    await live(api, bed);
    say('channels, agents and trunks too');
  } finally {
    dialer.now.close();
    await api.stop();
  }
}

if (!process.env.RINGSIDE) throw new Error('RINGSIDE is not set: where is the binary? (run.sh sets it)');
const bed = await Bed.up();
const wire = await Wire.to(bed.ports.AMI_PORT);
let good = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    bed.down();
    process.exit(130);
  });
}
try {
  await main(bed, wire);
  good = true;
} finally {
  wire.close();
  if (good) bed.down();
  else {
    bed.sh('down');
    console.error(`logs are in ${bed.dir}`);
    console.error(fs.readFileSync(path.join(bed.dir, 'ringside.log'), 'utf8').split('\n').slice(-15).join('\n'));
  }
}
