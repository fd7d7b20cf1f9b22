/**
 * Everything that `npm test` checks, in one count: each check of the whole house is one test, and so is each test of vitest.
 * The last line is `N passed, N failed, N skipped`. Arguments are file filters for vitest.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const REPORT = 'out/tests/vitest.json';
/** Whatever tests leave behind is removed with it; the name is short because sockets stand below it. */
const temporary = mkdtempSync(join(tmpdir(), 'yc-'));
// CUPS' filters, which run as another user when root starts it, pass through it.
chmodSync(temporary, 0o711);

const house: readonly { readonly name: string; readonly command: readonly string[] }[] = [
  { name: 'format', command: ['biome', 'check', '--error-on-warnings', '.'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'types', command: ['tsc', '-b'] },
  { name: 'boundaries', command: ['depcruise', '--config', '.dependency-cruiser.cjs', '.'] },
  { name: 'dead code', command: ['knip'] },
];

function run(command: readonly string[], quiet: boolean): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const [program = '', ...args] = command;
    const child = spawn(program, args, {
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('error', (error) => resolve({ code: 1, output: `${output}${error.message}\n` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

async function checkHouse(): Promise<Count> {
  let passed = 0;
  for (const { name, command } of house) {
    const started = performance.now();
    const { code, output } = await run(command, true);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`);
    if (code === 0) passed += 1;
    else process.stdout.write(`${output}\n`);
  }
  return { passed, failed: house.length - passed, skipped: 0 };
}

const Report = z.object({
  success: z.boolean(),
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
});

async function runVitest(filters: readonly string[]): Promise<Count> {
  mkdirSync('out/tests', { recursive: true });
  rmSync(REPORT, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  const coverage = filters.length === 0 ? ['--coverage'] : [];
  const { code } = await run(['vitest', 'run', ...reporters, ...coverage, ...filters], false);
  try {
    const report = Report.parse(JSON.parse(readFileSync(REPORT, 'utf8')));
    // A file that does not load, or an error outside any test, fails the run without a failed test.
    const unseen = (code !== 0 || !report.success) && report.numFailedTests === 0 ? 1 : 0;
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + unseen,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    process.stdout.write('vitest ended without a report\n');
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const counts = [await checkHouse(), await runVitest(process.argv.slice(2))];
rmSync(temporary, { recursive: true, force: true, maxRetries: 10 });
const sum = (key: keyof Count): number => counts.reduce((total, count) => total + count[key], 0);
process.exitCode = sum('failed') === 0 && sum('passed') > 0 ? 0 : 1;
process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`);
