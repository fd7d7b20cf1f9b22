import { setTimeout as pause } from 'node:timers/promises';
import { Pace } from '../pace.ts';
import { type Link, openPort, type Port, type Session } from '../port.ts';
import type { SimulatedCard } from './cards.ts';
import { ReaderFaults } from './faults.ts';
import { type Request, RequestDecoder, replyFrame } from './frame.ts';
import { commandName, type Reply, Sam } from './sam.ts';

/** A resident identity card reader with a SAM_V module. */
export interface SamReader {
  readonly connection: string;
  readonly plugged: boolean;
  /** Lays a card down; one that lies there is lifted first. */
  layCard(card: SimulatedCard): void;
  liftCard(): void;
  readonly cardLies: boolean;
  /** Requests that came as `CMD PARA`, for instance `20 01`, oldest first; `noise` is what came at a wrong rate. */
  readonly requests: readonly string[];
  /** When the last byte of each reply was handed to the port, in milliseconds on the clock that all processes share; with its request. */
  readonly replies: readonly { readonly request: string; readonly at: number }[];
  readonly faults: ReaderFaults;
  unplug(): Promise<void>;
  plug(): Promise<void>;
  close(): Promise<void>;
}

export interface SamReaderOptions {
  readonly transport: 'tcp' | 'pty';
  /** TCP only; 0 or nothing takes a free one. */
  readonly port?: number;
  /** pty only: the rate that the reader is set to; at any other it hears noise and says nothing. */
  readonly baud?: number;
  /** Replies come byte by byte, as fast as a line of this rate carries them. */
  readonly paced?: number;
  /** Silence in milliseconds after which an incomplete request is answered as one of wrong length. */
  readonly gapMs?: number;
  /** Called when a host has changed what can be read here. */
  readonly onChange?: () => void;
}

/** Starts a reader and returns when it can be reached. */
export async function startSamReader(options: SamReaderOptions): Promise<SamReader> {
  const { onChange = () => undefined } = options;
  const faults = new ReaderFaults();
  const sam = new Sam(faults, options.baud ?? 115_200);
  const requests: string[] = [];
  const replies: { request: string; at: number }[] = [];
  let port: Port | null = null;

  /** On a pseudo-terminal: the host speaks at another rate than the reader listens at. */
  function isNoise(): boolean {
    const hostBaud = options.baud === undefined ? null : (port?.hostBaud() ?? null);
    return hostBaud !== null && hostBaud !== sam.baud;
  }

  function open(link: Link): Session {
    const decoder = new RequestDecoder();
    let gap: NodeJS.Timeout | undefined;
    let last = Promise.resolve();
    const pace = options.paced === undefined ? null : new Pace(options.paced);

    function send({ status, data }: Reply, name: string): void {
      const { pieces, afterMs } = faults.dress(replyFrame(status, data));
      last = sendAfter(last, { link, pieces, afterMs, pace }, () => {
        replies.push({ request: name, at: performance.timeOrigin + performance.now() });
        onChange();
      });
    }

    function take(request: Request): void {
      if (request.is === 'request') requests.push(commandName(request));
      if (!faults.takeSilence()) send(sam.answer(request), request.is === 'request' ? commandName(request) : '');
      onChange();
    }

    return {
      receive(bytes) {
        clearTimeout(gap);
        if (isNoise()) {
          requests.push('noise');
          onChange();
          decoder.clear();
          return;
        }
        decoder.push(bytes).forEach(take);
        if (!decoder.midFrame) return;
        gap = setTimeout(() => {
          decoder.clear();
          take({ is: 'wrong-length' });
        }, options.gapMs ?? 100);
      },
      end: () => clearTimeout(gap),
    };
  }

  port = await openPort({ transport: options.transport, port: options.port, baud: sam.baud, open });
  const { connection, unplug, plug, close } = port;
  return {
    connection,
    get plugged() {
      return port?.plugged() ?? false;
    },
    layCard: (card) => sam.layCard(card),
    liftCard: () => sam.liftCard(),
    get cardLies() {
      return sam.cardLies;
    },
    requests,
    replies,
    faults,
    unplug,
    plug,
    close,
  };
}

/** Sends the pieces of one reply once the reply before it is out. */
async function sendAfter(
  last: Promise<void>,
  o: {
    readonly link: Link;
    readonly pieces: readonly Uint8Array[];
    readonly afterMs: number;
    readonly pace: Pace | null;
  },
  sent: () => void,
): Promise<void> {
  await last;
  if (o.afterMs > 0) await pause(o.afterMs);
  for (const piece of o.pieces) {
    if (o.pace) await o.pace.carry(piece, (part) => o.link.write(part));
    else o.link.write(piece);
    if (o.pieces.length > 1) await pause(0);
  }
  sent();
}
