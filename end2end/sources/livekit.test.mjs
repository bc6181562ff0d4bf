// LiveKit's webhooks: written by its own protocol's library and signed by its own SDK, as its server does.
import { DisconnectReason, ListParticipantsResponse, ListRoomsResponse, ParticipantInfo, ParticipantInfo_Kind, Room, WebhookEvent as Written } from '@livekit/protocol';
import { AccessToken, TokenVerifier, WebhookReceiver } from 'livekit-server-sdk';
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import http from 'node:http';
import test from 'node:test';
import { until } from '../asterisk/bed.mjs';
import { listening } from './bed.mjs';

const KEY = 'APIlabKey0001', SECRET = 'lab-secret-0123456789abcdef0123456789';
const CONFIG = `
[[source.livekit]]
keys = { ${KEY} = "${SECRET}" }
trunks = { ST_out = "alpha" }
metadata = ["lead_id"]
`;
const seconds = (at) => BigInt(Math.floor(at / 1000));

/** A webhook's body and its headers. */
async function webhook(event, fields, { key = KEY, secret = SECRET, ttl = '5m', at = Date.now() } = {}) {
  const body = new Written({ event, id: `EV_${randomUUID()}`, createdAt: seconds(at), ...fields }).toJsonString();
  const token = new AccessToken(key, secret, { ttl });
  token.sha256 = createHash('sha256').update(body).digest('base64');
  return [{ 'content-type': 'application/webhook+json', 'user-agent': 'LiveKit', authorization: await token.toJwt() }, body];
}

const room = (n, more = {}) => new Room({ sid: `RM_${n}`, name: `call-${n}`, departureTimeout: 20, ...more });
const person = (n, at, status, more = {}) => new ParticipantInfo({
  sid: `PA_${n}`, identity: `sip_+1202555${n}`, name: 'Ada Lovelace', kind: ParticipantInfo_Kind.SIP,
  joinedAt: seconds(at), joinedAtMs: BigInt(at),
  attributes: {
    'sip.callID': `SCL_${n}`, 'sip.callStatus': status, 'sip.phoneNumber': `+1202555${n}`, 'sip.trunkPhoneNumber': '+12025550100',
    'sip.trunkID': 'ST_out', campaign_id: 'spring', lead_id: `lead-${n}`,
  },
  ...more,
});

test('calls from dialling to their end, as LiveKit writes and signs them', async (t) => {
  const server = await listening(t, CONFIG);
  const tell = async (...what) => server.taken('/hooks/livekit', ...await webhook(...what));
  const begun = Date.now() - 90_000;
  const ends = [
    ['0101', 'hangup', DisconnectReason.CLIENT_INITIATED, 'answered'],
    ['0102', 'ringing', DisconnectReason.USER_REJECTED, 'busy'],
    ['0103', 'ringing', DisconnectReason.USER_UNAVAILABLE, 'no_answer'],
    ['0104', 'dialing', DisconnectReason.CLIENT_INITIATED, 'failed'],
    ['0105', 'ringing', DisconnectReason.ROOM_DELETED, 'cancelled'],
    ['0106', 'active', DisconnectReason.ROOM_DELETED, 'answered'],
  ];
  for (const [n, status, disconnectReason] of ends) {
    await tell('room_started', { room: room(n) });
    await tell('participant_joined', { room: room(n), participant: person(n, begun, 'dialing') }, { at: begun });
    await tell('track_published', { room: room(n), participant: new ParticipantInfo({ sid: `PA_${n}`, identity: 'x' }) });
    const left = await webhook('participant_left', { room: room(n), participant: person(n, begun, status, { disconnectReason }) }, { at: begun + 60_000 });
    // Sent again, as where our answer was lost.
    await server.taken('/hooks/livekit', ...left);
    await server.taken('/hooks/livekit', ...left);
    await tell('room_finished', { room: room(n) }, { at: begun + 80_000 });
  }
  const calls = await server.calls();
  assert.equal(calls.size, ends.length);
  for (const [n, , , outcome] of ends) {
    const call = calls.get(`SCL_${n}`);
    assert.deepEqual([call.outcome, call.route, call.campaign, call.direction], [outcome, 'alpha', 'spring', 'outbound'], n);
    assert.equal(Date.parse(call.started_at), begun, 'to the millisecond');
  }
  await server.facts({ attempts: 6, resolved: 6, answered: 2, busy: 1, no_answer: 1, failed: 1, cancelled: 1 });
  const source = await server.source('livekit/livekit');
  assert.deepEqual([source.state, source.rejected, source.refused, source.accepted + source.duplicate], ['well', 0, 0, 18]);
  const page = await server.get('/troubleshooting');
  assert.match(page, /livekit\/livekit/);
  assert.doesNotMatch(page, /5550101|Ada Lovelace|lead-0101/);
});

test('what is not signed by its key over these bytes now is refused, and counted', async (t) => {
  const server = await listening(t, CONFIG);
  const fields = { room: room('0101'), participant: person('0101', Date.now(), 'dialing') };
  const good = await webhook('participant_joined', fields);
  await new WebhookReceiver(KEY, SECRET).receive(good[1], good[0].authorization);
  await server.taken('/hooks/livekit', ...good);
  await server.refused('/hooks/livekit', ...await webhook('participant_joined', fields, { secret: 'another-secret' }));
  await server.refused('/hooks/livekit', ...await webhook('participant_joined', fields, { key: 'APIother' }));
  await server.refused('/hooks/livekit', ...await webhook('participant_joined', fields, { ttl: -120 }));
  await server.refused('/hooks/livekit', good[0], good[1].replace('SCL_', 'SCM_'));
  await server.refused('/hooks/livekit', {}, good[1]);
  const source = await server.source('livekit/livekit');
  assert.deepEqual([source.accepted, source.refused], [1, 5]);
});

test('a call that an agent tells of too has the better knowledge of each', async (t) => {
  const server = await listening(t, CONFIG);
  const begun = Date.now() - 60_000, at = (ms) => new Date(begun + ms).toISOString();
  const left = person('0107', begun, 'ringing', { disconnectReason: DisconnectReason.USER_REJECTED });
  await server.taken('/hooks/livekit', ...await webhook('participant_left', { room: room('0107'), participant: left }, { at: begun + 30_000 }));
  const answered = person('0108', begun, 'hangup', { disconnectReason: DisconnectReason.CLIENT_INITIATED });
  await server.taken('/hooks/livekit', ...await webhook('participant_left', { room: room('0108'), participant: answered }, { at: begun + 30_000 }));
  const event = (type, ms, data) => ({ specversion: '1.0', id: randomUUID(), source: 'agent', type, time: at(ms), data: { realm: 'livekit', ...data } });
  const events = [
    event('call.progress', 2_000, { call_id: 'SCL_0108' }),
    event('call.answered', 9_000, { call_id: 'SCL_0108', by: 'human', cannot_tell: ['queue'] }),
    event('call.bridged', 9_500, { call_id: 'SCL_0108', agent: 'ada' }),
    event('call.updated', 31_000, { call_id: 'SCL_0107', sip_code: 603, sip_reason: 'Decline' }),
  ];
  await server.taken('/api/v1/events', { 'content-type': 'application/cloudevents-batch+json' }, JSON.stringify(events));
  const calls = await server.calls();
  assert.equal(calls.size, 2);
  const one = calls.get('SCL_0108');
  assert.deepEqual([one.answered_at, one.agent, one.route].map(String), [at(9_000), 'ada', 'alpha']);
  assert.equal(calls.get('SCL_0107').sip_code, 603);
  await server.facts({ ring_ms: 9_000, pdd_ms: 2_000, bridged: 1, sip_6xx: 1 });
});

/** LiveKit's room service, as far as it is asked: answers by its own protocol's library, and looks at tokens with its SDK. */
async function roomService(t, rooms) {
  const verifier = new TokenVerifier(KEY, SECRET);
  const server = http.createServer(async (request, answer) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const asked = JSON.parse(Buffer.concat(pieces));
    const { video } = await verifier.verify(request.headers.authorization.replace('Bearer ', ''));
    const say = (status, body) => answer.writeHead(status, { 'content-type': 'application/json' }).end(body);
    if (request.url.endsWith('/ListRooms') && video.roomList) return say(200, new ListRoomsResponse({ rooms: [...rooms.keys()].map((n) => room(n)) }).toJsonString({ useProtoFieldName: true }));
    if (!request.url.endsWith('/ListParticipants') || !video.roomAdmin || video.room !== asked.room) return say(403, '{"code":"permission_denied"}');
    const participants = rooms.get(asked.room.replace('call-', ''));
    if (!participants) return say(404, '{"code":"not_found"}');
    return say(200, new ListParticipantsResponse({ participants }).toJsonString({ useProtoFieldName: true }));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.close());
  return server;
}

test('what webhooks lost is found by asking the server who is in its rooms', async (t) => {
  const begun = Date.now();
  const rooms = new Map([['0109', [person('0109', begun, 'dialing')]]]);
  const service = await roomService(t, rooms);
  const server = await listening(t, `${CONFIG}api = "http://127.0.0.1:${service.address().port}"\nevery_s = 1\n`);
  // No webhook told of it.
  await until('the call to be found', async () => (await server.calls()).get('SCL_0109'));
  rooms.set('0109', [person('0109', begun, 'active')]);
  const answered = await until('its answer', async () => (await server.calls()).get('SCL_0109').answered_at);
  const after = Date.parse(answered) - begun;
  assert(after > 0 && after < 20_000, `${after} ms`);
  const { state } = await server.source('livekit/livekit');
  assert.equal(state, 'well');
  service.close();
  service.closeAllConnections();
  const away = await until('to be told that it can not be asked', async () => {
    const row = await server.source('livekit/livekit');
    return row.state === 'away' && row;
  });
  assert.match(away.why, /can't be asked who is in its rooms: no connection/);
});
