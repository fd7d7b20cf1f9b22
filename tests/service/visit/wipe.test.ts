import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { STANDARD_DISPLAY } from '#contract/standard-display.ts';
import { RESIDENT, Stage } from './stage.ts';

const PERSONAL = [RESIDENT.name, RESIDENT.number, RESIDENT.address, '13800001234'];
const ENCODINGS = ['utf8', 'utf16-le', 'utf16-be', 'gb18030'] as const;

/** Where a person's data would be found: every file below the folder, and every line of the log. */
function traces(stage: Stage): string[] {
  const places = readdirSync(stage.root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ place: file, bytes: readFileSync(file) }));
  places.push({ place: 'log', bytes: Buffer.from(stage.logged.join(''), 'utf8') });
  places.push({ place: 'snapshot', bytes: Buffer.from(JSON.stringify(stage.visit), 'utf8') });
  places.push({ place: 'receipts', bytes: Buffer.from(JSON.stringify(stage.receiptPrinter.receipts), 'utf8') });
  return places.flatMap(({ place, bytes }) =>
    PERSONAL.flatMap((text) =>
      ENCODINGS.filter((encoding) => bytes.includes(iconv.encode(text, encoding))).map(
        (encoding) => `${text} as ${encoding} in ${place}`,
      ),
    ),
  );
}

/** Every place where a resident may end, and how to get there. */
const places: Record<string, (stage: Stage) => Promise<void>> = {
  form: (stage) => stage.toForm(),
  'form, answered': async (stage) => {
    await stage.toForm();
    await stage.answer({ phone: '13800001234' });
  },
  check: (stage) => stage.toCheck(),
  done: (stage) => stage.toDone(),
  'done, a worker confirming': (stage) => stage.toConfirming(),
  'done, confirmed and printed': (stage) => stage.toConfirmed(),
  leaving: async (stage) => {
    await stage.toDone();
    await stage.does('visit.leave', {});
  },
};

describe('the end leaves nothing of the person', () => {
  it.each(Object.entries(places))('at: %s', async (_, go) => {
    const stage = await Stage.open();
    await go(stage);
    await stage.does('visit.end', {});
    expect(stage.step).toEqual({ at: 'ended' });
    expect(stage.events.filter(({ event }) => event === 'wiped')).toHaveLength(1);
    expect(traces(stage)).toEqual([]);
    expect(stage.documentPrinter.given.every((pdf) => pdf.every((byte) => byte === 0))).toBe(true);
    await stage.pass(5_000);
    expect(stage.step).toEqual({ at: 'attract' });
    expect(stage.visit.display).toEqual(STANDARD_DISPLAY);
    expect(traces(stage)).toEqual([]);
  });

  it('nor does the last page, where card and papers are taken', async () => {
    const stage = await Stage.open();
    await stage.toDone();
    await stage.does('visit.leave', {});
    await stage.until(() => stage.paper('acceptance-notice')?.print.state === 'confirmed');
    expect(stage.step.at).toBe('leaving');
    expect(traces(stage)).toEqual([]);
  });

  it('and the search itself finds what is there', async () => {
    const stage = await Stage.open();
    await stage.toForm();
    expect(traces(stage)).toContain(`${RESIDENT.name} as utf8 in snapshot`);
  });
});
