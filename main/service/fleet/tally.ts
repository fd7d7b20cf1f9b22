import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { err, ok, type Result } from '#contract/result.ts';
import type { CommandError } from '../cli/outcome.ts';
import type { Records } from '../records.ts';
import { GatewayClient } from '../sync/client.ts';
import type { Clock } from '../time/clock.ts';
import { systemRandom } from '../time/random.ts';

/** What a terminal has committed, against what the gateway's cursor says of it; entries. */
export interface Tally {
  readonly committed: number;
  /** Committed, and not at the gateway. */
  readonly lost: number;
  /** At the gateway, and never committed. */
  readonly doubled: number;
}

const ASK_AGAIN_MS = 500;

/** How long to wait for whom, in milliseconds of `now`. */
export interface Patience {
  readonly now: () => number;
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

/** Asks the gateway for the cursor of each of a terminal's incarnations; a chain whose head is not ours counts as lost. */
export async function tallyByCursors(
  records: Records,
  o: Patience & { readonly url: string; readonly clock: Clock },
): Promise<Result<Tally, CommandError>> {
  const { identity, outbox, serverTime } = records;
  const client = new GatewayClient({ ...o, identity, serverTime, random: systemRandom(o.clock) });
  let sum: Tally = { committed: 0, lost: 0, doubled: 0 };
  try {
    for (const incarnation of outbox.incarnations()) {
      const cursor = await patiently(() => client.cursor(incarnation), o);
      if (!cursor.ok) return gatewayAway(cursor.error.code);
      const { contiguousSeq, headHash } = cursor.value;
      const ours = contiguousSeq === 0 || outbox.hashAt(incarnation, contiguousSeq) === headHash;
      sum = {
        committed: sum.committed + committedAfter(records, incarnation, 0),
        lost: sum.lost + committedAfter(records, incarnation, ours ? contiguousSeq : 0),
        doubled: sum.doubled + Math.max(0, contiguousSeq - outbox.head(incarnation).seq),
      };
    }
    return ok(sum);
  } finally {
    await client.close();
  }
}

async function patiently<T, E>(ask: () => Promise<Result<T, E>>, o: Patience): Promise<Result<T, E>> {
  const end = o.now() + o.patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer.ok || o.now() >= end || o.signal.aborted) return answer;
    await pause(ASK_AGAIN_MS, undefined, o).catch(() => undefined);
  }
}

function gatewayAway(code: string): Result<never, CommandError> {
  return err({
    code: 'gateway-away',
    detail: `the gateway told no cursor: ${code}`,
    remedy: 'start it and run the command anew, with new codes; this run counted nothing',
  });
}

/** Entries of an incarnation behind a place, but for those that stand in a later incarnation too. */
function committedAfter({ store }: Records, incarnation: number, seq: number): number {
  const row = store
    .sql<[number, number], { entries: number }>(
      "SELECT count(*) AS entries FROM entry WHERE incarnation = ? AND seq > ? AND answer IS NOT 'carried'",
    )
    .get(incarnation, seq);
  return row?.entries ?? 0;
}

// -- The gateway's own count ------------------------------------------------------------------------------------------

const StoreCounts = z.looseObject({ entries: z.int(), cases: z.int(), quarantined: z.int() });
export type StoreCounts = z.infer<typeof StoreCounts>;

const GATEWAY_CLI = fileURLToPath(new URL('../../../gateway/cli.ts', import.meta.url));

/** What a gateway's store holds, counted by the gateway's own command. @param store such as `sqlite:PATH` */
export async function countInStore(store: string): Promise<Result<StoreCounts, CommandError>> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [GATEWAY_CLI, 'cases', '--store', store]);
    return ok(StoreCounts.parse(JSON.parse(stdout)));
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    const [said = ''] = stderr.split('\n');
    return err({
      code: 'store',
      detail: said || 'the store told no counts',
      remedy: "give the gateway's store as `gateway serve` has it",
    });
  }
}

/** Waits until the intake has opened so many cases, or no more of them for as long as patience lasts. */
export async function countOpened(
  store: string,
  cases: number,
  o: Patience,
): Promise<Result<StoreCounts, CommandError>> {
  let [most, since] = [-1, o.now()];
  for (;;) {
    const counts = await countInStore(store);
    if (!counts.ok || counts.value.cases >= cases || o.signal.aborted) return counts;
    if (counts.value.cases > most) [most, since] = [counts.value.cases, o.now()];
    if (o.now() - since >= o.patienceMs) return counts;
    await pause(ASK_AGAIN_MS, undefined, o).catch(() => undefined);
  }
}
