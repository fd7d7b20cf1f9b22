import { expect, it, vi } from 'vitest';
import { Alerts } from '#main/service/alerts/alerts.ts';
import { Updates } from '#main/service/store/updates.ts';
import { openData } from '../store/fixture.ts';
import { alertUpdate, withdrawal } from './fixture.ts';

function stand() {
  const { store, time } = openData();
  const updates = new Updates(store);
  const changed = vi.fn<(arrived: boolean) => void>();
  const open = () => new Alerts({ store, now: () => time.wall(), timers: time, changed });
  const inMinutes = (minutes: number) => new Date(time.wall().getTime() + minutes * 60_000);
  const keep = (...given: ReturnType<typeof alertUpdate>[]) =>
    updates.keep({
      updates: given,
      cursor: given
        .map(({ id }) => id)
        .join()
        .slice(0, 100),
    });
  return { time, changed, open, inMinutes, keep };
}

it('shows the gravest first, and says when one has come', () => {
  const { changed, open, inMinutes, keep } = stand();
  const alerts = open();
  const [blue, red, orange] = (['blue', 'red', 'orange'] as const).map((level) =>
    alertUpdate(inMinutes(60), { level }),
  ) as [ReturnType<typeof alertUpdate>, ReturnType<typeof alertUpdate>, ReturnType<typeof alertUpdate>];
  keep(blue, red, orange);
  alerts.look();
  expect(alerts.current.map(({ level }) => level)).toEqual(['red', 'orange', 'blue']);
  expect(alerts.grave).toEqual([red.id, orange.id]);
  expect(changed.mock.calls).toEqual([[true]]);
  alerts.look();
  expect(changed).toHaveBeenCalledTimes(1);
});

it('ends each by itself at its time, whatever the network does', () => {
  const { time, changed, open, inMinutes, keep } = stand();
  keep(alertUpdate(inMinutes(10)), alertUpdate(inMinutes(20)));
  const alerts = open();
  time.advance(10 * 60_000 - 1);
  expect(alerts.current).toHaveLength(2);
  time.advance(1);
  expect(alerts.current).toHaveLength(1);
  time.advance(10 * 60_000);
  expect(alerts.current).toEqual([]);
  expect(changed.mock.calls).toEqual([[false], [false]]);
});

it('has them again after a restart, but for those that were withdrawn', () => {
  const { open, inMinutes, keep } = stand();
  const [first, second] = [alertUpdate(inMinutes(60)), alertUpdate(inMinutes(60))];
  keep(first, second);
  expect(open().grave).toEqual([second.id, first.id]);
  keep(withdrawal(second));
  expect(open().grave).toEqual([first.id]);
});
