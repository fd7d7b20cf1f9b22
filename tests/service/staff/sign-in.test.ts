import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { hashPin } from '#main/service/staff/pin.ts';
import { StaffDoor } from '#main/service/staff/sign-in.ts';
import { FakeTime } from '../time/fakes.ts';

it('locks after five wrong PINs also when many are tried side by side', async () => {
  const time = new FakeTime();
  const pinHash = await hashPin('246810', { bytes: randomBytes }, { N: 1024, r: 8, p: 1 });
  const door = new StaffDoor([{ id: 'worker-1', name: '李工', pinHash }], time);
  const tried = await Promise.all(Array.from({ length: 12 }, (_, i) => door.signIn(String(1000 + i))));
  expect(tried.filter(({ outcome }) => outcome === 'pin-wrong')).toHaveLength(4);
  expect(await door.signIn('246810')).toEqual({ outcome: 'locked', forMs: 60_000 });
  time.advance(60_000);
  expect(await door.signIn('246810')).toMatchObject({ outcome: 'signed-in' });
});
