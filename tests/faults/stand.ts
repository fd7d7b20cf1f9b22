import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GatewayProcess } from '#tests/stand/gateway.ts';
import { type Evidence, judge, type Rows, sqliteRows, type Verdict } from './judge.ts';
import { TerminalProcess, type TerminalTask } from './terminal.ts';

/** Draws a number from 0 to 1, the same ones for the same seed. */
export type Draw = () => number;

export interface Run {
  /** How often the fault shall strike. */
  readonly times: number;
  readonly draw: Draw;
}

/** A district and the folder of everything that a fault needs; gone when it is closed. */
export class FaultStand {
  readonly folder = mkdtempSync(join(tmpdir(), 'yc-faults-'));
  readonly gateway: GatewayProcess;
  readonly file: string;
  readonly #terminals: TerminalProcess[] = [];

  /** @param o `district` another place for its store; `through` as {@link GatewayProcess} takes it */
  constructor(o: { district?: string; through?: readonly string[] } = {}) {
    this.file = join(o.district ?? this.folder, 'gateway.sqlite');
    this.gateway = new GatewayProcess(this.file, { keys: join(this.folder, 'keys'), through: o.through ?? [] });
  }

  get rows(): Rows {
    return sqliteRows(this.file);
  }

  /** What became of all that one terminal has promised and committed. */
  judge(terminal: TerminalProcess, found: Omit<Evidence, 'stores' | 'promised' | 'rows'>): Promise<Verdict> {
    return judge({ ...found, stores: [terminal.store], promised: terminal.promised, rows: this.rows });
  }

  /** A terminal that has its code and was not started yet. @param folder of its disk */
  async terminal(
    task: Partial<TerminalTask> = {},
    o: { gateway?: GatewayProcess; through?: readonly string[] } = {},
  ): Promise<TerminalProcess> {
    const { gateway = this.gateway, through = [] } = o;
    const folder = join(this.folder, `terminal-${this.#terminals.length + 1}`);
    const given = { folder, url: gateway.url, code: await gateway.enrolCode(), ...task };
    const terminal = new TerminalProcess(given, through);
    this.#terminals.push(terminal);
    return terminal;
  }

  async close(): Promise<void> {
    for (const terminal of this.#terminals) await terminal.kill();
    await this.gateway.stop('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Opens a stand with its gateway, and closes it whatever happens. */
export async function atStand<T>(use: (stand: FaultStand) => Promise<T>, stand = new FaultStand()): Promise<T> {
  try {
    await stand.gateway.start();
    return await use(stand);
  } finally {
    await stand.close();
  }
}
