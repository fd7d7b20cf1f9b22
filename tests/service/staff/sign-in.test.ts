import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { hashPin } from '#main/service/staff/pin.ts';
import { StaffDoor } from '#main/service/staff/sign-in.ts';
import { FakeTime } from '../time/fakes.ts';

async function openDoor(): Promise<{ door: StaffDoor; time: FakeTime }> {
  const time = new FakeTime();
  const pinHash = await hashPin('246810', { bytes: randomBytes }, { N: 1024, r: 8, p: 1 });
  return { door: new StaffDoor([{ id: 'worker-1', name: '李工', pinHash }], time), time };
}

/** Five wrong PINs. @returns the minutes of the lock that they bring, once it is over */
async function lockOnce(door: StaffDoor, time: FakeTime): Promise<number> {
  for (let wrong = 0; wrong < 5; wrong += 1) await door.signIn('1000');
  const forMs = door.lockedForMs();
  time.advance(forMs);
  return forMs / 60_000;
}

it('locks after five wrong PINs also when many are tried side by side', async () => {
  const { door, time } = await openDoor();
  const tried = await Promise.all(Array.from({ length: 12 }, (_, i) => door.signIn(String(1000 + i))));
  expect(tried.filter(({ outcome }) => outcome === 'pin-wrong')).toHaveLength(4);
  expect(await door.signIn('246810')).toEqual({ outcome: 'locked', forMs: 60_000 });
  time.advance(60_000);
  expect(await door.signIn('246810')).toMatchObject({ outcome: 'signed-in' });
});

it('doubles the lock at each further round, up to an hour, until a PIN is right', async () => {
  const { door, time } = await openDoor();
  const minutes: number[] = [];
  for (let round = 0; round < 8; round += 1) minutes.push(await lockOnce(door, time));
  expect(minutes).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  expect(await door.signIn('246810')).toMatchObject({ outcome: 'signed-in' });
  expect(await lockOnce(door, time)).toBe(1);
});
