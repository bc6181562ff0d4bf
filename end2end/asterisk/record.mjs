// Records what the manager interface says while calls go through the bed, as fixtures of the server's unit tests.
//
//   node record.mjs DIR [NAME]     (bed.sh up has been run; DIR gets one file a story; NAME: that one only)
import fs from 'node:fs';
import path from 'node:path';
import { Ami } from './ami.mjs';

const port = Number(process.env.AMI_PORT ?? 15038);
const [into, only] = process.argv.slice(2);
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));

async function story(name, tell) {
  if (only && name !== only) return;
  const chunks = [];
  const pbx = await Ami.connect({ port, user: 'ringside', events: 'system,call,agent', onText: (t) => chunks.push(t) });
  const dialer = await Ami.connect({ port, user: 'dialer' });
  const call = (number, by, more) => dialer.action({
    Action: 'Originate', Channel: by.startsWith('Local') ? by.replace('NUMBER', number) : `PJSIP/${number}@${by}`,
    Context: 'answered', Exten: 'queue', Priority: 1, Async: 'true', Timeout: 3000, CallerID: '<12025550199>',
    Variable: 'CAMPAIGN=spring', ...more,
  });
  await tell({ pbx, dialer, call, said: () => chunks.join('') });
  await pbx.action({ Action: 'Logoff' });
  await sleep(100);
  pbx.close();
  dialer.close();
  fs.writeFileSync(path.join(into, `${name}.txt`), chunks.join(''));
}

// One call to each carrier; the answered one meets an agent, and the state is asked for while it is up.
await story('four_carriers', async ({ pbx, dialer, call }) => {
  await call('12025550101', 'answer');
  await sleep(1500);
  await pbx.action({ Action: 'CoreShowChannels' });
  await pbx.action({ Action: 'QueueStatus' });
  await pbx.action({ Action: 'PJSIPShowEndpoint', Endpoint: 'answer' });
  await sleep(2500);
  await call('12025550102', 'busy');
  await call('12025550103', 'congested');
  await call('12025550104', 'silent');
  await sleep(4000);
  await dialer.action({ Action: 'QueuePause', Interface: 'PJSIP/agent-1', Paused: 'true', Reason: 'Lunch' });
  await dialer.action({ Action: 'QueuePause', Interface: 'PJSIP/agent-1', Paused: 'false' });
});

// A dialer that goes through Local channels: one answered call with an agent, then one that tries two carriers at
// once and a third after them.
await story('local_halves', async ({ call }) => {
  await call('12025550106', 'Local/NUMBER@dial', { Variable: ['__CAMPAIGN=autumn', '__ROUTE=answer'] });
  await sleep(4000);
  await call('12025550114', 'Local/NUMBER@failover', { Exten: 'hold', Variable: '__CAMPAIGN=autumn', Timeout: 8000 });
  await sleep(2500);
});

// Nobody at the far end: cancelled by us before any answer came, and run into SIP's own timer. Then an answered call
// that the dialer hangs up.
await story('nobody_there', async ({ call, dialer, said }) => {
  await call('12025550110', 'mute', { Timeout: 60000 });
  await call('12025550113', 'mute');
  await call('12025550115', 'answer', { Exten: 'hold' });
  await sleep(900);
  const channel = said().match(/Channel: (PJSIP\/answer-\w+)/g).at(-1).split(': ')[1];
  await dialer.action({ Action: 'Hangup', Channel: channel, Cause: 16 });
  await sleep(33000);
});

// An agent dialled without a queue, who passes the person on.
await story('dialled_agent', async ({ call, dialer, said }) => {
  await call('12025550120', 'answer', { Exten: 'agent' });
  await sleep(1500);
  const agent = said().match(/Channel: (PJSIP\/agent-2-\w+)/g).at(-1).split(': ')[1];
  await dialer.action({ Action: 'BlindTransfer', Channel: agent, Context: 'answered', Exten: 'hold' });
  await sleep(2500);
});
