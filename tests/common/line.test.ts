import { duplexPair, PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Line, LONGEST_MESSAGE } from '#main/common/line.ts';

function open() {
  const stream = new PassThrough();
  const heard: unknown[] = [];
  let ends = 0;
  const line = new Line(stream, {
    onMessage: (message) => heard.push(message),
    onEnd: () => {
      ends += 1;
    },
  });
  return { stream, line, heard, ends: () => ends };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('hears every message whole and in order, however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.json().map((text) => JSON.parse(text))), fc.nat(6), async (messages, cut) => {
      const { stream, heard, ends } = open();
      const bytes = Buffer.from(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
      for (let at = 0; at < bytes.length; at += cut + 1) stream.write(bytes.subarray(at, at + cut + 1));
      await settled();
      expect(heard).toEqual(messages);
      expect(ends()).toBe(0);
    }),
    { numRuns: 200 },
  );
});

it('sends one message a line', () => {
  const [ours, theirs] = duplexPair();
  const line = new Line(ours, { onMessage: () => undefined, onEnd: () => undefined });
  expect(line.send({ name: '一\n窗' })).toBe(true);
  expect(theirs.read()?.toString()).toBe('{"name":"一\\n窗"}\n');
});

it.each([
  ['what is no message', Buffer.from('{"type":\n')],
  ['a message without an end', Buffer.alloc(LONGEST_MESSAGE + 1, 'x')],
])('ends once at %s, and hears nothing more', async (_name, bytes) => {
  const { stream, line, heard, ends } = open();
  stream.write(bytes);
  stream.write('\n{"type":"alive"}\n');
  await settled();
  expect([heard, ends(), line.send({})]).toEqual([[], 1, false]);
});

it('ends once when the other side is gone, but not when it lets go itself', async () => {
  const left = open();
  left.stream.destroy(new Error('broken'));
  await settled();
  expect([left.ends(), left.line.send({})]).toEqual([1, false]);
  const closed = open();
  closed.line.close();
  await settled();
  expect([closed.ends(), closed.line.send({})]).toEqual([0, false]);
});
