import { expect, test } from 'vitest';
import type { ScreenEvent } from '#contract/calls.ts';
import { STANDARD_DISPLAY } from '#contract/standard-display.ts';
import { ScreenMemory } from '#main/shell/memory.ts';

const name = { zh: '测试里社区', en: 'Ceshili Community' };
const community = { street: name, name, phone: '022-5550 0107', desk: name, opens: '09:00', closes: '17:30' };
const inService = { health: { is: 'well' }, community, network: 'online', unsynced: 2, alerts: [] } as const;
const visit: ScreenEvent = {
  event: 'visit',
  visit: {
    revision: 3,
    display: STANDARD_DISPLAY,
    offer: 'none',
    deadline: null,
    help: { state: 'none' },
    alert: null,
    step: { at: 'attract' },
  },
};

test('at first the screen says that the terminal starts, and whom to ring', () => {
  expect(new ScreenMemory(community, null).replay()).toMatchObject([
    { event: 'terminal', terminal: { community, health: { is: 'out-of-service', why: 'starting' } } },
  ]);
});

test('a fresh page gets the last snapshots, sounds are not repeated', () => {
  const memory = new ScreenMemory(null, null);
  memory.keep({ event: 'terminal', terminal: inService });
  memory.keep(visit);
  memory.keep({ event: 'sound', sound: 'attention' });
  expect(memory.replay()).toEqual([{ event: 'terminal', terminal: inService }, visit]);
  expect(memory.holdsVisit).toBe(true);
});

test('a wipe leaves nothing of the visit', () => {
  const memory = new ScreenMemory(null, null);
  memory.keep(visit);
  memory.keep({ event: 'wiped' });
  expect(memory.replay().map(({ event }) => event)).toEqual(['terminal']);
  expect(memory.holdsVisit).toBe(false);
});

test('a stopped service: the reason stands there, the visit is gone, the telephone number stays', () => {
  const memory = new ScreenMemory(null, null);
  memory.keep({ event: 'terminal', terminal: inService });
  memory.keep(visit);
  memory.serviceStopped('SIGKILL');
  expect(memory.replay()).toMatchObject([
    {
      event: 'terminal',
      terminal: { community, unsynced: 2, health: { is: 'out-of-service', why: 'service-stopped', detail: 'SIGKILL' } },
    },
  ]);
});

test('a wrong configuration is the reason until the service says better', () => {
  const memory = new ScreenMemory(null, 'line 3');
  const reason = { terminal: { health: { is: 'out-of-service', why: 'configuration', detail: 'line 3' } } };
  expect(memory.replay()).toMatchObject([reason]);
  memory.serviceStopped('exit code 1');
  expect(memory.replay()).toMatchObject([reason]);
  memory.keep({ event: 'terminal', terminal: inService });
  expect(memory.replay()).toMatchObject([{ terminal: { health: { is: 'well' } } }]);
});
