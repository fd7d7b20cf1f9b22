import { describe, expect, it } from 'vitest';
import { helpEntry } from '../journal/fixture.ts';
import { openData } from '../store/fixture.ts';
import { newTerminal, type Rig, rig } from './fixture.ts';

const REVOKED = { state: { at: 'stopped', code: 'revoked' }, withdrawn: true, network: 'offline' };

/** A terminal that hears of its revocation with an entry on its way. */
async function revoked(o: Parameters<typeof rig>[0] = {}): Promise<Rig> {
  const r = await rig(o);
  await r.drain();
  r.gateway.revoked = true;
  r.write(helpEntry());
  await r.run(() => r.engine.status.withdrawn);
  return r;
}

describe('a terminal that was revoked', () => {
  it('stays so when the line goes away, and through whatever is not the gateway', async () => {
    const r = await revoked();
    r.gateway.cursorFaults = [
      { fault: 'refused-connection' },
      { fault: 'html', status: 200 },
      { fault: 'status', status: 503, code: 'busy' },
    ];
    await r.run(() => r.gateway.cursorFaults.length === 0);
    expect(r.engine.status).toMatchObject({ ...REVOKED, unsynced: 1 });
  });

  it.each(['unsigned', 'foreign-key', 'replayed', 'altered'] as const)(
    'believes no acceptance that is %s',
    async (fault) => {
      const r = await revoked();
      r.gateway.revoked = false;
      r.gateway.cursorFaults = [{ fault }];
      await r.run(() => r.gateway.cursorFaults.length === 0);
      // What the answer means is known before the next request goes out.
      await r.engine.settled();
      expect(r.engine.status).toMatchObject(REVOKED);
    },
  );

  it('stays so over a restart until a believed answer, and then sends what it kept', async () => {
    const data = openData();
    const terminal = await newTerminal(data.time);
    const before = await revoked({ data, terminal });
    await before.engine.stop();
    const r = await rig({ data, terminal });
    expect(r.engine.status).toMatchObject(REVOKED);
    terminal.gateway.revoked = false;
    await r.drain();
    expect(r.engine.status).toMatchObject({ state: { at: 'online' }, withdrawn: false });
  });

  it('tells apart that it is revoked from another refusal before it', async () => {
    const r = await rig({ entries: 1 });
    r.gateway.cursorFaults = [{ fault: 'status', status: 401, code: 'unknown-terminal' }];
    await r.run(() => r.engine.status.state.at === 'stopped');
    expect(r.engine.status.withdrawn).toBe(false);
    r.gateway.revoked = true;
    await r.run(() => r.engine.status.withdrawn);
    const stops = r.events.filter(({ event }) => event === 'sync.stopped').map(({ code }) => code);
    expect(stops).toEqual(['unknown-terminal', 'revoked']);
  });
});
