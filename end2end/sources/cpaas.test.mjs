// Posts of Twilio, Telnyx, Plivo and Vonage, signed with their own libraries; where one can only look at a signature, it looks
// at each that this test makes, and takes it before the server does.
import { verifySignature } from '@vonage/jwt';
import jsonwebtoken from 'jsonwebtoken';
import assert from 'node:assert/strict';
import { createHash, createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import test from 'node:test';
import { createRequire } from 'node:module';
import Telnyx from 'telnyx';
import twilio from 'twilio';
import { listening } from './bed.mjs';

const { validateV3Signature } = createRequire(import.meta.url)('plivo/dist/utils/v3Security.js');
const OPS = 'https://ops.example.com/hooks/';
const TOKEN = '12345678901234567890123456789012';
const telnyxKeys = generateKeyPairSync('ed25519');
const PUBLIC = telnyxKeys.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64');
const CONFIG = `
[[source.twilio]]
url = "${OPS}twilio"
keys = ["an-old-token-of-the-account", "${TOKEN}"]
[[source.telnyx]]
keys = ["${PUBLIC}"]
[[source.plivo]]
url = "${OPS}plivo"
keys = ["${TOKEN}"]
[[source.vonage]]
keys = ["${TOKEN}"]
`;

const began = Math.floor(Date.now() / 1000) * 1000 - 120_000;
const at = (seconds) => new Date(began + seconds * 1000);
const form = (fields) => new URLSearchParams(fields).toString();
const FROM = '+12025550100', TO = '+12025550142';

const twilioPost = (fields, { token = TOKEN, query = '?campaign=spring', settings } = {}) => {
  const algorithm = settings && 'HMAC_SHA256';
  const signature = twilio.getExpectedTwilioSignature(token, `${OPS}twilio${query}`, fields, algorithm);
  assert(twilio.validateRequest(token, signature, `${OPS}twilio${query}`, fields, algorithm));
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature };
  if (settings) headers['x-twilio-webhooks-signature-settings'] = settings;
  return [`/hooks/twilio${query}`, headers, form(fields)];
};

const telnyxPost = async (event_type, occurred, payload, { key = telnyxKeys.privateKey, signed = Date.now() } = {}) => {
  const body = JSON.stringify({ data: { record_type: 'event', event_type, id: randomUUID(), occurred_at: occurred.toISOString(), payload: { call_leg_id: 'leg-1', from: FROM, to: TO, start_time: at(0).toISOString(), client_state: btoa('{"campaign":"spring"}'), ...payload } } });
  const timestamp = String(Math.floor(signed / 1000));
  const headers = { 'telnyx-timestamp': timestamp, 'telnyx-signature-ed25519': sign(null, Buffer.from(`${timestamp}|${body}`), key).toString('base64') };
  return ['/hooks/telnyx', headers, body];
};

const plivoPost = (fields, { token = TOKEN, query = '' } = {}) => {
  const nonce = String(Math.random()).slice(2);
  const ordered = [...new URLSearchParams(query)].map(([k, v]) => `${k}=${v}`).sort().join('&');
  const fieldsText = Object.keys(fields).sort().map((name) => name + fields[name]).join('');
  const signature = createHmac('sha256', token).update(`${OPS}plivo?${ordered}${ordered && '.'}${fieldsText}.${nonce}`).digest('base64');
  assert(validateV3Signature('POST', `${OPS}plivo${query}`, nonce, token, signature, fields), 'its own library takes it');
  return [`/hooks/plivo${query}`, { 'x-plivo-signature-v3': signature, 'x-plivo-signature-v3-nonce': nonce }, form(fields)];
};

const vonagePost = (fields, { secret = TOKEN, ago = 0 } = {}) => {
  const body = JSON.stringify({ uuid: 'uuid-1', conversation_uuid: 'CON-1', direction: 'outbound', from: '12025550100', to: '12025550142', ...fields });
  const claims = { iat: Math.floor(Date.now() / 1000) - ago, jti: randomUUID(), iss: 'Vonage', api_key: 'abcd1234', payload_hash: createHash('sha256').update(body).digest('hex') };
  const token = jsonwebtoken.sign(claims, secret, { algorithm: 'HS256' });
  assert(verifySignature(token, secret), 'its own library takes it');
  return ['/hooks/vonage', { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body];
};

const rfc2822 = (date) => date.toUTCString().replace('GMT', '+0000');

test('a call by each, as they post and sign it', async (t) => {
  const server = await listening(t, CONFIG);
  const twilioCall = { CallSid: 'CA1', AccountSid: 'AC1', From: FROM, To: TO, Direction: 'outbound-api', ApiVersion: '2010-04-01', CallbackSource: 'call-progress-events', CallerName: "O'Brien & Søn" };
  const states = [['initiated', 0, {}], ['ringing', 2, {}], ['in-progress', 14, { AnsweredBy: 'human' }], ['completed', 97, { CallDuration: '83', SipResponseCode: '200' }]];
  for (const [n, [CallStatus, seconds, more]] of states.entries()) {
    const fields = { ...twilioCall, CallStatus, SequenceNumber: String(n), Timestamp: rfc2822(at(seconds)), ...more };
    // The last by a key that is shared, as newer accounts have them.
    await server.taken(...twilioPost(fields, n === 3 ? { settings: 'key=webhooks_sharedkey_1,algorithm=HMAC_SHA256' } : {}));
  }
  await server.taken(...await telnyxPost('call.initiated', at(0), { direction: 'outgoing', state: 'bridging' }));
  const answered = await telnyxPost('call.answered', at(14), { state: 'answered' });
  await new Telnyx({ apiKey: 'x', publicKey: PUBLIC }).webhooks.unwrap(answered[2], { headers: answered[1] });
  await server.taken(...answered);
  await server.taken(...await telnyxPost('call.machine.detection.ended', at(16), { result: 'machine' }));
  await server.taken(...await telnyxPost('call.hangup', at(97), { hangup_cause: 'normal_clearing', hangup_source: 'callee', sip_hangup_cause: '200' }));
  const stamp = (seconds) => at(seconds).toISOString().replace('T', ' ').slice(0, 19);
  await server.taken(...plivoPost({ CallUUID: 'plivo-1', From: '12025550100', To: '12025550142', Direction: 'outbound', CallStatus: 'completed', Event: 'Hangup', HangupSource: 'Callee', StartTime: stamp(0), AnswerTime: stamp(14), EndTime: stamp(97) }, { query: '?campaign=spring' }));
  for (const [status, seconds, more] of [['started', 0, {}], ['ringing', 2, {}], ['answered', 14, {}], ['completed', 97, { start_time: at(14).toISOString(), end_time: at(97).toISOString(), duration: '83' }]]) {
    await server.taken(...vonagePost({ status, timestamp: at(seconds).toISOString(), ...more }));
  }
  const calls = await server.calls();
  assert.equal(calls.size, 4);
  for (const [id, source, campaign, rang] of [['CA1', 'twilio', 'spring', true], ['leg-1', 'telnyx', 'spring', false], ['plivo-1', 'plivo', 'spring', false], ['uuid-1', 'vonage', null, true]]) {
    const call = calls.get(id);
    assert.deepEqual([call.started_at, call.answered_at, call.ended_at].map((time) => Date.parse(time)), [0, 14, 97].map((s) => at(s).getTime()), id);
    assert.deepEqual([call.outcome, call.route, call.campaign ?? null, Boolean(call.progress_at)], ['answered', source, campaign, rang], id);
    const row = await server.source(`${source}/${source}`);
    assert.deepEqual([row.state, row.rejected, row.refused], ['well', 0, 0], source);
  }
  await server.facts({ attempts: 4, answered: 4, ring_ms: 4 * 14_000, connected_ms: 4 * 83_000, progressed: 2, answered_machine: 1 });
  assert.doesNotMatch(await server.get('/troubleshooting'), /5550142|Brien/);
});

test('what is not signed by their keys over these bytes now is refused, and counted', async (t) => {
  const server = await listening(t, CONFIG);
  const fields = { CallSid: 'CA1', CallStatus: 'ringing', Direction: 'outbound-api', Timestamp: rfc2822(at(0)) };
  const [where, headers, body] = twilioPost(fields);
  await server.refused(...twilioPost(fields, { token: 'another-token' }));
  await server.refused('/hooks/twilio?campaign=other', headers, body);
  await server.refused(where, headers, `${body}&AnsweredBy=human`);
  await server.refused(where, {}, body);
  await server.refused(...await telnyxPost('call.answered', at(0), {}, { key: generateKeyPairSync('ed25519').privateKey }));
  await server.refused(...await telnyxPost('call.answered', at(0), {}, { signed: Date.now() - 400_000 }));
  await server.refused(...plivoPost({ CallUUID: 'a', CallStatus: 'busy' }, { token: 'another-token' }));
  await server.refused(...vonagePost({ status: 'ringing' }, { secret: 'another-secret-that-is-long-enough' }));
  await server.refused(...vonagePost({ status: 'ringing' }, { ago: 400 }));
  for (const [source, refused] of [['twilio', 4], ['telnyx', 2], ['plivo', 1], ['vonage', 2]]) {
    const row = await server.source(`${source}/${source}`);
    assert.deepEqual([row.refused, row.accepted], [refused, 0], source);
  }
});
