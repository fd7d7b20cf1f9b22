/** Machines that die: processes killed, disks without power, stores and disks brought back from long ago. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { Cluster } from '#tests/gateway/cluster.ts';
import { GatewayProcess } from '#tests/stand/gateway.ts';
import { judge, notAllowed, type Verdict } from './judge.ts';
import { LoopDisk } from './kernel.ts';
import { atStand, FaultStand, type Run } from './stand.ts';
import { TerminalProcess } from './terminal.ts';

/** Milliseconds between two blows, drawn anew for each. */
const BLOW_MS = 250;
/** Residents come to a kiosk about so often in a test of power cuts, 20 in a second. */
const KIOSK_MS = 50;

export function terminalKilled({ times, draw }: Run): Promise<Verdict> {
  return atStand(async (stand) => {
    const terminal = await stand.terminal();
    for (let blow = 0; blow < times; blow += 1) {
      await terminal.start({ seed: blow });
      await pause(BLOW_MS * draw());
      await terminal.kill();
    }
    await terminal.start();
    await terminal.finish();
    return stand.judge(terminal, { fault: 'terminal killed', struck: times });
  });
}

export function gatewayKilled({ times, draw }: Run): Promise<Verdict> {
  return atStand(async (stand) => {
    const terminal = await stand.terminal({ paceMs: KIOSK_MS });
    await terminal.start();
    for (let blow = 0; blow < times; blow += 1) {
      await pause(BLOW_MS * draw());
      await stand.gateway.stop('SIGKILL');
      await stand.gateway.start();
    }
    await terminal.finish();
    return stand.judge(terminal, { fault: 'gateway killed', struck: times });
  });
}

/** @returns null where this machine allows no such disk */
async function disk(): Promise<LoopDisk | null> {
  return LoopDisk.open().catch(() => null);
}

export async function terminalLosesPower({ times, draw }: Run): Promise<Verdict> {
  const fault = 'terminal without power';
  const power = await disk();
  if (!power) return notAllowed(fault);
  try {
    return await atStand(async (stand) => {
      const terminal = await stand.terminal({ folder: join(power.folder, 'terminal'), paceMs: KIOSK_MS });
      for (let blow = 0; blow < times; blow += 1) {
        await terminal.start({ seed: blow });
        await pause(4 * KIOSK_MS + BLOW_MS * draw());
        await power.cut();
        await terminal.kill();
        await power.remount();
      }
      await terminal.start();
      await terminal.finish();
      return stand.judge(terminal, { fault, struck: times });
    });
  } finally {
    await power.close();
  }
}

export async function gatewayLosesPower({ times, draw }: Run): Promise<Verdict> {
  const fault = 'gateway without power';
  const power = await disk();
  if (!power) return notAllowed(fault);
  try {
    return await atStand(
      async (stand) => {
        const terminal = await stand.terminal({ paceMs: KIOSK_MS });
        await terminal.start();
        for (let blow = 0; blow < times; blow += 1) {
          await pause(4 * KIOSK_MS + BLOW_MS * draw());
          await power.cut();
          await stand.gateway.stop('SIGKILL');
          await power.remount();
          await stand.gateway.start();
        }
        await terminal.finish();
        const verdict = await stand.judge(terminal, { fault, struck: times });
        await stand.gateway.stop('SIGKILL');
        return verdict;
      },
      new FaultStand({ district: power.folder }),
    );
  } finally {
    await power.close();
  }
}

/** The gateway's store comes back from an old backup, again and again; what it had since then comes from the terminals. */
export function gatewayRestored({ times, draw }: Run): Promise<Verdict> {
  return atStand(async (stand) => {
    const terminal = await stand.terminal();
    await terminal.start();
    for (let blow = 0; blow < times; blow += 1) {
      const db = new Database(stand.file);
      await db.backup(`${stand.file}.backup`);
      db.close();
      await pause(2 * BLOW_MS * draw());
      await stand.gateway.stop('SIGKILL');
      for (const file of [stand.file, `${stand.file}-wal`, `${stand.file}-shm`]) rmSync(file, { force: true });
      cpSync(`${stand.file}.backup`, stand.file);
      await stand.gateway.restored();
      await stand.gateway.start();
    }
    await terminal.finish();
    return stand.judge(terminal, { fault: 'gateway restored', struck: times });
  });
}

/** A terminal gets an old image of its disk, after the district has had all that was on the new one. */
export function terminalRestored({ times, draw }: Run): Promise<Verdict> {
  return atStand(async (stand) => {
    const folder = join(stand.folder, 'disk');
    const terminal = await stand.terminal({ folder });
    await terminal.start();
    for (let blow = 0; blow < times; blow += 1) {
      await pause(BLOW_MS * draw());
      await terminal.kill();
      cpSync(folder, `${folder}-image`, { recursive: true });
      await terminal.start({ seed: blow });
      await pause(BLOW_MS * draw());
      await terminal.finish();
      rmSync(folder, { recursive: true });
      cpSync(`${folder}-image`, folder, { recursive: true });
      rmSync(`${folder}-image`, { recursive: true });
      await terminal.start({ seed: blow });
    }
    await terminal.finish();
    return stand.judge(terminal, { fault: 'terminal restored', struck: times, forked: true });
  });
}

/** Two machines run with the same disk, and so with the same name and key. */
export function terminalCloned({ times, draw }: Run): Promise<Verdict> {
  return atStand(async (stand) => {
    const folder = join(stand.folder, 'disk');
    const terminal = await stand.terminal({ folder });
    await terminal.start();
    await pause(BLOW_MS);
    await terminal.kill();
    const clones: TerminalProcess[] = [];
    for (let blow = 0; blow < times; blow += 1) {
      cpSync(folder, `${folder}-${blow}`, { recursive: true });
      clones.push(new TerminalProcess({ folder: `${folder}-${blow}`, url: stand.gateway.url, code: '' }));
    }
    const all = [terminal, ...clones];
    for (const [seed, one] of all.entries()) await one.start({ seed });
    await pause(2 * BLOW_MS * (1 + draw()));
    try {
      await Promise.all(all.map((one) => one.finish()));
      return await judge({
        fault: 'disk cloned',
        forked: true,
        struck: times,
        stores: all.map(({ store }) => store),
        promised: all.flatMap(({ promised }) => promised),
        rows: stand.rows,
      });
    } finally {
      for (const one of clones) await one.kill();
    }
  });
}

/** The district's PostgreSQL ends at once in the middle, and comes back some time later. */
export async function postgresStopped({ times, draw }: Run): Promise<Verdict> {
  const cluster = await Cluster.start();
  const database = await cluster.database();
  const stand = new FaultStand();
  const gateway = new GatewayProcess(cluster.uri(database), { keys: join(stand.folder, 'keys') });
  try {
    await gateway.start();
    const terminal = await stand.terminal({}, { gateway });
    await terminal.start();
    for (let blow = 0; blow < times; blow += 1) {
      await pause(2 * BLOW_MS * draw());
      await cluster.stop(draw() < 0.5 ? 'crash' : 'order');
      await pause(BLOW_MS * draw());
      await cluster.start();
    }
    await terminal.finish();
    const rows = (sql: string) => cluster.query(database, sql);
    const stores = [terminal.store];
    return await judge({ fault: 'PostgreSQL stopped', struck: times, stores, promised: terminal.promised, rows });
  } finally {
    await gateway.stop('SIGKILL');
    await stand.close();
    await cluster.remove();
  }
}
