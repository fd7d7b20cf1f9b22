import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

/** A small house of the same plan: file -> what it imports. Every target exists. */
const files: Record<string, string> = {
  'contract/a.ts': '',
  'drivers/index.ts': '',
  'drivers/common/port.ts': '',
  'drivers/id-card/index.ts': '',
  'drivers/printer/index.ts': '',
  'main/service/main.ts': '',
  'main/shell/main.ts': '',
  'renderer/app.ts': '',
  'gateway/cli.ts': '',
  'tests/simulators/reader.ts': '',
};

const forbidden: readonly (readonly [from: string, to: string])[] = [
  ['contract/x.ts', '../main/service/main.ts'],
  ['contract/y.ts', 'node:fs'],
  ['renderer/x.ts', '../main/service/main.ts'],
  ['renderer/y.ts', 'node:path'],
  ['renderer/z.ts', '../drivers/index.ts'],
  ['drivers/id-card/x.ts', '../printer/index.ts'],
  ['drivers/printer/x.ts', '../../main/service/main.ts'],
  ['main/service/x.ts', '../../drivers/id-card/index.ts'],
  ['main/service/y.ts', '../shell/main.ts'],
  ['main/shell/x.ts', '../service/main.ts'],
  ['gateway/x.ts', '../main/service/main.ts'],
  ['tests/simulators/x.ts', '../../drivers/index.ts'],
];

const allowed: readonly (readonly [from: string, to: string])[] = [
  ['renderer/ok.ts', '../contract/a.ts'],
  ['drivers/id-card/ok.ts', '../common/port.ts'],
  ['main/service/ok.ts', '../../drivers/index.ts'],
  ['main/service/ok2.ts', 'node:fs'],
  ['gateway/ok.ts', '../contract/a.ts'],
  ['tests/ok.ts', '../drivers/id-card/index.ts'],
];

const Report = z.object({
  summary: z.object({ violations: z.array(z.object({ from: z.string(), to: z.string() })) }),
});

describe('who may import whom', () => {
  let folder = '';
  let violations: { from: string; to: string }[] = [];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'house-'));
    const all: [string, string][] = Object.entries(files);
    for (const [from, to] of [...forbidden, ...allowed]) {
      // A type-only import counts as much as any other.
      all.push([from, `import type * as other from '${to}';\nexport type Other = typeof other;\n`]);
    }
    for (const [file, text] of all) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    const program = resolve('node_modules/.bin/depcruise');
    const args = [program, '--config', resolve('.dependency-cruiser.cjs'), '--output-type', 'json', '.'];
    let output: string;
    try {
      output = execFileSync(process.execPath, args, {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    } catch (failure) {
      output = z.object({ stdout: z.string() }).parse(failure).stdout;
    }
    violations = Report.parse(JSON.parse(output)).summary.violations;
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(forbidden)('%s may not import %s', (from) => {
    expect(violations.map((violation) => violation.from)).toContain(from);
  });

  it.each(allowed)('%s may import %s', (from) => {
    expect(violations.map((violation) => violation.from)).not.toContain(from);
  });
});
