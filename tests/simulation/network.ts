import { Dispatcher } from 'undici';
import type { Chance } from './chance.ts';
import type { NetworkFaults } from './profile.ts';
import type { Scheduler } from './scheduler.ts';

/** A request on its way. */
export interface Letter {
  readonly method: string;
  /** Path with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** How a terminal's line is: `portal` stands for whatever answers everything itself. */
export type Line = 'up' | 'down' | 'portal';

export interface NetworkOptions {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly faults: NetworkFaults;
  /** The gateway's answer, or null when nothing listens or it ends before it has answered. */
  readonly deliver: (letter: Letter) => Promise<Reply | null>;
  readonly onFault: (who: string, fault: keyof NetworkFaults, letter: Letter) => void;
}

/** As the terminal's own client has it: so long it waits for an answer. */
const TIMEOUT_MS = 20_000;
const NO_FAULTS: NetworkFaults = {
  refused: 0,
  requestLost: 0,
  answerLost: 0,
  doubled: 0,
  late: 0,
  answerCut: 0,
  answerAltered: 0,
  answerReplayed: 0,
  stranger: 0,
};

/** The way between terminals and gateway, in memory. What the two ends say is real; what becomes of it on the way is the seed's. */
export class Network {
  readonly #o: NetworkOptions;
  readonly #lines = new Map<string, Line>();
  readonly #earlier = new Map<string, Reply>();
  #faults: NetworkFaults;

  constructor(o: NetworkOptions) {
    this.#o = o;
    this.#faults = o.faults;
  }

  setLine(who: string, line: Line): void {
    this.#lines.set(who, line);
  }

  /** From now on every message arrives. */
  mend(): void {
    this.#faults = NO_FAULTS;
    this.#lines.clear();
  }

  /** A terminal's end of the network, for one run of its service. @param isAlive false when the machine that asked is gone. */
  end(who: string, isAlive: () => boolean): Dispatcher {
    return new NetworkEnd(isAlive, (letter, exchange) => {
      if (isAlive()) this.#carry(who, letter, exchange);
    });
  }

  #carry(who: string, letter: Letter, exchange: Exchange): void {
    const { chance, onFault, scheduler } = this.#o;
    const faults = this.#faults;
    const befalls = (fault: keyof NetworkFaults): boolean => {
      const strikes = chance.happens(faults[fault]);
      if (strikes) onFault(who, fault, letter);
      return strikes;
    };
    const line = this.#lines.get(who) ?? 'up';
    const soon = () => chance.between(1, 400);
    scheduler.after(TIMEOUT_MS, () => exchange.fail('UND_ERR_HEADERS_TIMEOUT'));
    if (line === 'down' || befalls('refused')) return void scheduler.after(soon(), () => exchange.fail('ECONNREFUSED'));
    if (line === 'portal' || befalls('stranger')) {
      return void scheduler.after(soon(), () => exchange.answer(strangerOf(chance)));
    }
    if (befalls('doubled')) {
      scheduler.after(chance.between(1, 300_000), async () => void (await this.#o.deliver(letter)));
    }
    if (befalls('requestLost')) return;
    scheduler.after(befalls('late') ? chance.between(10_000, 240_000) : soon(), async () => {
      const reply = await this.#o.deliver(letter);
      if (!reply) return void scheduler.after(soon(), () => exchange.fail('UND_ERR_SOCKET'));
      const earlier = this.#earlier.get(who);
      this.#earlier.set(who, reply);
      if (befalls('answerLost')) return;
      if (befalls('answerCut')) return void scheduler.after(soon(), () => exchange.cut(reply, chance.happens(0.5)));
      if (earlier && befalls('answerReplayed')) return void scheduler.after(soon(), () => exchange.answer(earlier));
      const given = befalls('answerAltered') ? altered(reply) : reply;
      scheduler.after(soon(), () => exchange.answer(given));
    });
  }
}

/** What a proxy or a login page says. */
function strangerOf(chance: Chance): Reply {
  const status = chance.pick([200, 302, 403, 404, 413, 429, 502, 503]);
  const patience: Record<string, string> = chance.happens(0.5) ? { 'retry-after': String(chance.between(1, 300)) } : {};
  return { status, headers: { 'content-type': 'text/html', ...patience }, body: Buffer.from('<html>Welcome</html>') };
}

/** The same answer with good news in it that the gateway did not give. */
function altered(reply: Reply): Reply {
  const text = reply.body.toString('utf8').replaceAll(/"(held|quarantined)"/g, '"stored"');
  return { ...reply, body: Buffer.from(`${text} `) };
}

/** One request that waits for its answer; each of the three ends it, and the first one counts. */
interface Exchange {
  answer(reply: Reply): void;
  /** @param isNoticed whether the line breaks, or something on the way makes the half look whole. */
  cut(reply: Reply, isNoticed: boolean): void;
  fail(code: string): void;
}

/** undici's interface to a network, answered by ours. */
class NetworkEnd extends Dispatcher {
  readonly #isAlive: () => boolean;
  readonly #carry: (letter: Letter, exchange: Exchange) => void;
  readonly #open = new Set<Exchange>();
  #isDestroyed = false;

  constructor(isAlive: () => boolean, carry: (letter: Letter, exchange: Exchange) => void) {
    super();
    this.#isAlive = isAlive;
    this.#carry = carry;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { method, path, headers, body } = options;
    const letter = { method, path, headers: headers as Record<string, string>, body: body as Uint8Array | null };
    const exchange = this.#exchange(handler);
    if (this.#isDestroyed) exchange.fail('UND_ERR_DESTROYED');
    else this.#carry(letter, exchange);
    return true;
  }

  override destroy(): Promise<void>;
  override destroy(...given: unknown[]): void;
  override async destroy(): Promise<void> {
    this.#isDestroyed = true;
    for (const exchange of this.#open) exchange.fail('UND_ERR_DESTROYED');
  }

  #exchange(handler: Dispatcher.DispatchHandler): Exchange {
    const nothing = () => undefined;
    const controller = { aborted: false, paused: false, reason: null, abort: nothing, pause: nothing, resume: nothing };
    const end = (tell: () => void): void => {
      if (this.#open.delete(exchange) && this.#isAlive()) tell();
    };
    const body = (reply: Reply, bytes: Buffer) => {
      handler.onResponseStart?.(controller, reply.status, { ...reply.headers });
      handler.onResponseData?.(controller, bytes);
    };
    const error = (code: string) => handler.onResponseError?.(controller, Object.assign(new Error(code), { code }));
    const exchange: Exchange = {
      answer: (reply) =>
        end(() => {
          body(reply, reply.body);
          handler.onResponseEnd?.(controller, {});
        }),
      cut: (reply, isNoticed) =>
        end(() => {
          body(reply, reply.body.subarray(0, reply.body.length >> 1));
          if (isNoticed) error('UND_ERR_SOCKET');
          else handler.onResponseEnd?.(controller, {});
        }),
      fail: (code) => end(() => error(code)),
    };
    this.#open.add(exchange);
    handler.onRequestStart?.(controller, {});
    return exchange;
  }
}
