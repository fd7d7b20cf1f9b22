import { unreachable } from '#contract/result.ts';
import { managementNumber, newestAddressBlock, photo, type SimulatedCard, textBlock } from './cards.ts';
import { type ReaderFaults, type Status, type Step, Sw3 } from './faults.ts';
import type { Request } from './frame.ts';

/** The rates in baud of `60 nn`, by nn. */
const RATES = [115_200, 57_600, 38_400, 19_200, 9600];

/** `05.03-20230115-0001234567-0123456789`, the SAM id of the sheet's vector. */
const SAM_ID = Buffer.from('05000300e3af340187d6120015cd5b07', 'hex');

/** How far the card on the reader has come. After a good read it is not found again until it is laid anew. */
type Progress = 'laid' | 'found' | 'selected' | 'read';

export interface Reply {
  readonly status: Status;
  readonly data: Uint8Array;
}

/** One row of the sheet's table of commands; `data` is what must follow CMD and PARA. */
interface Command {
  readonly data?: number;
  readonly step?: Step;
  readonly run: () => Reply;
}

const NOTHING = new Uint8Array();

function reply(sw3: number, data: Uint8Array = NOTHING): Reply {
  return { status: [0, 0, sw3], data };
}

/** The security module and the card on it: which reply belongs to which request, and nothing of ports or bytes. */
export class Sam {
  /** The rate in baud that the last `60 nn` set. */
  baud: number;
  readonly #faults: ReaderFaults;
  #card: SimulatedCard | null = null;
  #progress: Progress = 'laid';

  constructor(faults: ReaderFaults, baud: number) {
    this.#faults = faults;
    this.baud = baud;
  }

  readonly #commands: Readonly<Record<string, Command>> = {
    '10 ff': { step: 'reset', run: () => reply(Sw3.ok) },
    '11 ff': { step: 'status', run: () => reply(this.#faults.samIsDead ? Sw3.selfTestFailed : Sw3.ok) },
    '12 ff': { step: 'id', run: () => reply(Sw3.ok, SAM_ID) },
    '20 01': { step: 'find', run: () => this.#find() },
    '20 02': { step: 'select', run: () => this.#select() },
    '30 01': { step: 'read', run: () => this.#read((card) => [textBlock(card), photo(card)]) },
    '30 10': {
      step: 'read',
      run: () => this.#read((card) => [textBlock(card), photo(card), card.fingerprint ?? NOTHING]),
    },
    '30 03': { step: 'address', run: () => this.#address() },
    '30 05': { run: () => this.#managementNumber() },
    '61 ff': { data: 0x50, run: () => reply(Sw3.ok) },
  };

  get cardLies(): boolean {
    return this.#card !== null;
  }

  /** Throws when a field does not fit its place on the chip. */
  layCard(card: SimulatedCard): void {
    textBlock(card);
    newestAddressBlock(card);
    this.#card = card;
    this.#progress = 'laid';
  }

  liftCard(): void {
    this.#card = null;
  }

  answer(request: Request): Reply {
    switch (request.is) {
      case 'wrong-checksum':
        return reply(Sw3.wrongChecksum);
      case 'wrong-length':
        return reply(Sw3.wrongLength);
      case 'request':
        return this.#answer(request);
      default:
        return unreachable(request);
    }
  }

  #answer(request: Request & { is: 'request' }): Reply {
    const name = commandName(request);
    const command = request.command === 0x60 ? this.#setBaud(request.parameter) : this.#commands[name];
    if (!command) return reply(Sw3.badCommand);
    const right = command.data === undefined ? [] : [command.data];
    if (request.data.length !== right.length) return reply(Sw3.wrongLength);
    if (right.some((byte, index) => request.data[index] !== byte)) return reply(Sw3.badCommand);
    const failure = command.step ? this.#faults.takeFailure(command.step) : null;
    if (failure) {
      if (this.#progress !== 'read') this.#progress = 'laid';
      return { status: failure, data: NOTHING };
    }
    if (this.#faults.samIsDead && name !== '10 ff' && name !== '11 ff') return reply(Sw3.selfTestFailed);
    return command.run();
  }

  /** A command for a rate of the table, or nothing when `nn` is none. */
  #setBaud(nn: number): Command | undefined {
    const rate = RATES[nn];
    if (!rate) return undefined;
    return {
      run: () => {
        this.baud = rate;
        return reply(Sw3.ok);
      },
    };
  }

  #find(): Reply {
    if (!this.#card || this.#progress === 'read') return reply(Sw3.noCard);
    this.#progress = 'found';
    return reply(Sw3.cardFound, new Uint8Array(4));
  }

  #select(): Reply {
    if (!this.#card || this.#progress !== 'found') return reply(Sw3.selectFailed);
    this.#progress = 'selected';
    return reply(Sw3.ok, new Uint8Array(8));
  }

  #openCard(): SimulatedCard | null {
    return this.#progress === 'selected' || this.#progress === 'read' ? this.#card : null;
  }

  /** Every part's length, then the parts. */
  #read(partsOf: (card: SimulatedCard) => readonly Uint8Array[]): Reply {
    if (this.#faults.takeLift()) this.liftCard();
    const card = this.#openCard();
    if (!card) return reply(Sw3.readFailed);
    this.#progress = 'read';
    const parts = partsOf(card);
    const lengths = parts.map((part) => Uint8Array.of(part.length >> 8, part.length & 0xff));
    return reply(Sw3.ok, Buffer.concat([...lengths, ...parts]));
  }

  #address(): Reply {
    const card = this.#openCard();
    if (!card) return reply(Sw3.readFailed);
    const block = newestAddressBlock(card);
    return block.length > 0 ? reply(Sw3.ok, block) : reply(Sw3.noContent);
  }

  #managementNumber(): Reply {
    const card = this.#openCard();
    return card ? reply(Sw3.ok, managementNumber(card)) : reply(Sw3.readFailed);
  }
}

/** `CMD PARA` as the sheet writes it, in lower case: `20 01`. */
export function commandName(request: { readonly command: number; readonly parameter: number }): string {
  return [request.command, request.parameter].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
