/** Ways to the district that lose, delay, repeat, cut, alter or make up what goes over them, and clocks that are wrong. */
import { setTimeout as pause } from 'node:timers/promises';
import { notAllowed, type Verdict } from './judge.ts';
import { OwnNetwork } from './kernel.ts';
import { HostileProxy, type LineFault, lineFaults } from './proxy.ts';
import { atStand, FaultStand, type Run } from './stand.ts';

/** Milliseconds that a network is up or away, on average. */
const FLAP_MS = 400;
const YEAR_MS = 365 * 86_400_000;

/** Every second request meets one of the faults, until all have struck so often. */
export function hostileLine({ times, draw }: Run): Promise<readonly Verdict[]> {
  return atStand(async (stand) => {
    const proxy = new HostileProxy(() => stand.gateway.url);
    await proxy.start();
    try {
      const terminal = await stand.terminal({ url: proxy.url });
      await terminal.start();
      const left = (): LineFault[] => lineFaults.filter((fault) => (proxy.struck.get(fault) ?? 0) < times);
      proxy.choose = () => {
        const faults = left();
        return draw() < 0.5 ? (faults[Math.floor(draw() * faults.length)] ?? null) : null;
      };
      while (left().length > 0) await pause(50);
      await terminal.finish();
      const verdict = await stand.judge(terminal, { fault: '', struck: 0 });
      return lineFaults.map((fault) => ({ ...verdict, fault, struck: proxy.struck.get(fault) ?? 0 }));
    } finally {
      proxy.close();
    }
  });
}

/** The network of terminal and gateway goes up and down by the kernel's own hand, in the middle of whatever is on it. */
export async function flappingNetwork({ times, draw }: Run): Promise<Verdict> {
  const fault = 'network flaps';
  const network = await OwnNetwork.open().catch(() => null);
  if (!network) return notAllowed(fault);
  const { through } = network;
  try {
    return await atStand(async (stand) => {
      const terminal = await stand.terminal({}, { through });
      await terminal.start();
      for (let blow = 0; blow < times; blow += 1) {
        await pause(FLAP_MS * 2 * draw());
        await network.set('down');
        await pause(FLAP_MS * 2 * draw());
        await network.set('up');
      }
      await terminal.finish();
      return stand.judge(terminal, { fault, struck: times });
    }, new FaultStand({ through }));
  } finally {
    network.close();
  }
}

/** Clocks a year fast and a year slow, and set from one to the other between two starts. */
export function wrongClock({ times, draw }: Run): Promise<Verdict> {
  return atStand(async (stand) => {
    const terminal = await stand.terminal();
    for (let blow = 0; blow < times; blow += 1) {
      await terminal.start({ wallErrorMs: blow % 2 === 0 ? YEAR_MS : -YEAR_MS, seed: blow });
      await pause(FLAP_MS * (1 + draw()));
      await terminal.finish();
    }
    return stand.judge(terminal, { fault: 'clock a year wrong', struck: times });
  });
}
