// A department of AppealLoop in plain JavaScript: it signs every order that it is sent.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import amqp from 'amqplib';

const { AMQP_URI, CODE, INBOX = 'inbox.jsonl' } = process.env;
const inbox = fs.openSync(INBOX, 'a'); // what was heard, and the word that answered it
const words = new Map();
for (const line of fs.readFileSync(INBOX, 'utf8').split('\n')) {
  try { words.set(...JSON.parse(line)); } catch { /* a line that a crash has cut off */ }
}
fs.writeSync(inbox, '\n');

const connection = await amqp.connect(AMQP_URI);
const channel = await connection.createConfirmChannel();
const stop = (why) => { console.error('stopped:', why); process.exit(1); }; // started anew, it goes on where it was
for (const trouble of ['error', 'close', 'handler-error']) connection.on(trouble, stop);
for (const trouble of ['error', 'return', 'handler-error']) channel.on(trouble, stop);

function signature({ id, subject, data: { order } }) { // on disk before it is said; the same when the order comes again
  if (!words.has(id)) {
    const time = new Date().toISOString();
    const data = { receipt: subject, at: time, by: CODE, order, department: CODE };
    const about = { specversion: '1.0', id: randomUUID(), source: CODE, type: 'cn.appealloop.order.signed.v1' };
    words.set(id, { ...about, subject, time, causationid: id, data });
    fs.writeSync(inbox, `${JSON.stringify([id, words.get(id)])}\n`);
    fs.fsyncSync(inbox);
  }
  return Buffer.from(JSON.stringify(words.get(id)));
}

await channel.prefetch(1); // one at a time, so in order
await channel.consume(`dept.${CODE}.q.events`, async (message) => {
  const event = JSON.parse(message.content);
  const sending = { mandatory: true, persistent: true, contentType: 'application/cloudevents+json' };
  if (event.type === 'cn.appealloop.order.dispatched.v1') channel.publish(`inbox.${CODE}`, '', signature(event), sending);
  await channel.waitForConfirms();
  channel.ack(message);
});
