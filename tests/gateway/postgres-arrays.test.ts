import fc from 'fast-check';
import { expect, test } from 'vitest';
import { binaryArray } from '#gateway/store/postgres-arrays.ts';
import { sharedCluster } from './stores.ts';

const orNull = <T>(values: fc.Arbitrary<T>) => fc.array(fc.option(values, { freq: 4 }), { maxLength: 20 });

/** No database holds the character NUL, and half of a pair is no character. */
const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0') && value.isWellFormed());
const kinds: readonly (readonly [type: string, fc.Arbitrary<unknown>])[] = [
  ['text', text],
  ['bigint', fc.maxSafeInteger()],
  ['bytea', fc.uint8Array().map((bytes) => Buffer.from(bytes))],
  ['boolean', fc.boolean()],
  ['timestamptz', fc.date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true })],
];

test.each(kinds)('the server reads an array of %s as it was given, with its nulls', async (type, values) => {
  const cluster = await sharedCluster();
  const client = await cluster.connect(await cluster.database());
  try {
    await fc.assert(
      fc.asyncProperty(orNull(values), async (given) => {
        const { rows } = await client.query<{ read: unknown[] }>(`SELECT $1::${type}[] AS read`, [binaryArray(given)]);
        // As text the driver reads an array of numbers as texts.
        const read = rows[0]?.read.map((one) => (type === 'bigint' && one !== null ? Number(one) : one));
        expect(read).toEqual(given);
      }),
    );
  } finally {
    await client.end();
  }
});

test('a value of another type than the first is refused, not written as something else', () => {
  expect(() => binaryArray(['a', 1])).toThrow(TypeError);
  expect(() => binaryArray([1, 'a'])).toThrow(TypeError);
  expect(() => binaryArray([1, undefined])).toThrow(TypeError);
});
