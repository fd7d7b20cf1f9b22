import type { KeyObject } from 'node:crypto';
import type { Signature } from '#contract/calls.ts';
import type { Item } from '#contract/catalogue.ts';
import type { Configuration, Identity } from '#contract/configuration.ts';
import type { Person } from '#contract/person.ts';
import { err, ok, type Result } from '#contract/result.ts';
import type { Language, Text } from '#contract/text.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { SignedSheet } from '../documents/paper.ts';
import { acceptanceNoticeOf, certificateOf, type SheetCase } from '../documents/sheets.ts';
import { stampSheet } from '../documents/stamp.ts';
import type { Journal } from '../journal/journal.ts';
import type { Log } from '../log/log.ts';
import type { MaterialDraft } from '../materials/materials.ts';
import type { PrintDesk } from '../print/print-desk.ts';
import type { Worker } from '../staff/sign-in.ts';
import type { Cases } from '../store/cases.ts';
import { type Store, StoreWriteError } from '../store/store.ts';
import { type Clock, isoWithOffset, localDay } from '../time/clock.ts';
import type { Random } from '../time/random.ts';
import { cardRecord, numberToIndex } from './card.ts';
import type { Answers } from './form.ts';
import { maskName, maskNumber } from './mask.ts';
import { formatReceiptNumber } from './receipt-number.ts';
import { inSteps, thinSignature } from './signature.ts';
import { collectFrom, momentText } from './words.ts';

export interface CaseDeskOptions {
  readonly store: Pick<Store, 'transaction'>;
  readonly cases: Cases;
  readonly journal: Pick<Journal, 'append' | 'incarnation'>;
  readonly prints: Pick<PrintDesk, 'plan' | 'start'>;
  readonly catalogue: Catalogue;
  readonly community: Configuration['community'];
  readonly identity: Pick<Identity, 'region' | 'code'>;
  /** The terminal's Ed25519 key: it signs papers. */
  readonly key: KeyObject;
  /** The district takes nothing from this terminal any more. */
  readonly isWithdrawn: () => boolean;
  readonly clock: Clock;
  readonly random: Pick<Random, 'uuid'>;
  readonly log: Log;
}

/** What a resident hands in. */
export interface Application {
  readonly item: Item;
  readonly card: Person;
  readonly answers: Answers;
  readonly signature: Signature;
  /** What was scanned for it; its key is wiped once the case is accepted. */
  readonly materials?: MaterialDraft;
  readonly language: Language;
}

/** A case after it was committed; nothing of it is personal. */
export interface AcceptedCase {
  readonly id: string;
  readonly receiptNumber: string;
  readonly acceptedAt: Date;
  readonly collect: { readonly when: Text; readonly where: Text };
}

export type StoreProblem = 'disk-full' | 'store-failed';

/** Why a case was not accepted. */
export type SubmitProblem = StoreProblem | 'withdrawn';

/** Where cases are accepted, verified and rated: each act is one transaction with its journal entry. */
export class CaseDesk {
  readonly #o: CaseDeskOptions;

  constructor(options: CaseDeskOptions) {
    this.#o = options;
  }

  /** One durable transaction: number, case, receipt's print job, journal entry. Then the receipt begins to print. */
  submit(given: Application): Result<AcceptedCase, SubmitProblem> {
    // It could never arrive.
    if (this.#o.isWithdrawn()) return err('withdrawn');
    const { cases, clock, community, identity, journal, prints, random } = this.#o;
    const acceptedAt = clock.wall();
    const day = localDay(acceptedAt);
    const id = random.uuid();
    const signature = thinSignature(given.signature);
    const card = cardRecord(given.card);
    const { materials } = given;
    const submitted = this.#written(() => {
      const receiptNumber = formatReceiptNumber({
        region: identity.region,
        terminal: identity.code,
        incarnation: journal.incarnation,
        day,
        sequence: cases.nextSequence(day),
      });
      const accepted = {
        id,
        receiptNumber,
        acceptedAt,
        collect: { when: collectFrom(community, acceptedAt), where: community.desk },
      };
      cases.insert({
        id,
        receiptNumber,
        item: given.item.id,
        catalogue: this.#o.catalogue.version,
        acceptedAt,
        number: numberToIndex(given.card),
        phone: given.answers['phone'] ?? null,
        retentionDays: given.item.consent.retentionDays,
        record: JSON.stringify({ receiptNumber, card, answers: given.answers, signature }),
      });
      const receipt = prints.plan(id, {
        document: 'receipt',
        language: given.language,
        street: community.street.zh,
        community: community.name.zh,
        phone: community.phone,
        item: given.item.title,
        receiptNumber,
        maskedName: maskName(given.card.name),
        maskedNumber: maskNumber(given.card.number),
        acceptedAt: momentText(acceptedAt),
        collect: accepted.collect,
        bring: given.item.materials.filter(({ how }) => how !== 'card').map(({ name }) => name),
      });
      materials?.keep(id);
      journal.append({
        kind: 'case',
        open: {
          case: id,
          receiptNumber,
          item: given.item.id,
          offline: given.item.offline,
          acceptedAt: isoWithOffset(acceptedAt),
          answers: partOf(given, (personal) => !personal),
          ...(materials ? { materials: [...materials.materials] } : {}),
        },
        ...(materials ? { caseKey: materials.caseKey } : {}),
        sealed: { card, answers: partOf(given, (personal) => personal), signature: inSteps(signature) },
      });
      return { accepted, start: [receipt] };
    });
    if (submitted.ok) materials?.close();
    return submitted;
  }

  /** A worker saw the evidence: the verification and the certificate's job are written together, and the certificate prints. */
  confirm(
    accepted: AcceptedCase,
    given: Application,
    worker: Worker,
    seen: readonly string[],
  ): Result<AcceptedCase, StoreProblem> {
    const at = this.#o.clock.wall();
    const sheet = this.#stamped(certificateOf(this.#sheetCase(accepted, given), worker.name, at));
    return this.#written(() => {
      if (!this.#verified(accepted, worker, 'confirmed', seen, at)) return { accepted, start: [] };
      return { accepted, start: [this.#o.prints.plan(accepted.id, sheet)] };
    });
  }

  refuse(accepted: AcceptedCase, worker: Worker): Result<AcceptedCase, StoreProblem> {
    return this.#written(() => {
      this.#verified(accepted, worker, 'refused', [], this.#o.clock.wall());
      return { accepted, start: [] };
    });
  }

  /** Prints the acceptance notice, for a case that nobody has verified. */
  orderNotice(accepted: AcceptedCase, given: Application): Result<AcceptedCase, StoreProblem> {
    const sheet = this.#stamped(acceptanceNoticeOf(this.#sheetCase(accepted, given)));
    return this.#written(() => ({ accepted, start: [this.#o.prints.plan(accepted.id, sheet)] }));
  }

  /** One rating per case; `level` null is "not rated" (R2). */
  rate(accepted: AcceptedCase, level: number | null, reasons: readonly string[]): Result<AcceptedCase, StoreProblem> {
    return this.#written(() => {
      if (this.#o.cases.rate(accepted.id, level, reasons, this.#o.clock.wall())) {
        this.#o.journal.append({ kind: 'rating', open: { case: accepted.id, level, reasons: [...reasons] } });
      }
      return { accepted, start: [] };
    });
  }

  #verified(
    accepted: AcceptedCase,
    worker: Worker,
    outcome: 'confirmed' | 'refused',
    seen: readonly string[],
    at: Date,
  ): boolean {
    if (!this.#o.cases.verified(accepted.id, worker.id, outcome, at)) return false;
    this.#o.journal.append({
      kind: 'verification',
      open: { case: accepted.id, worker: worker.id, outcome, seen: [...seen] },
    });
    return true;
  }

  #sheetCase(accepted: AcceptedCase, given: Application): SheetCase {
    const { catalogue, clock, community, identity } = this.#o;
    const { regions } = catalogue.content;
    return {
      ...accepted,
      item: given.item,
      answers: given.answers,
      signature: thinSignature(given.signature),
      values: {
        card: given.card,
        estates: community.estates,
        today: localDay(clock.wall()),
        community,
        region: (regions[`${identity.region.slice(0, 2)}0000`] ?? '') + (regions[identity.region] ?? ''),
      },
    };
  }

  #stamped(sheet: Parameters<typeof stampSheet>[0]): SignedSheet {
    return stampSheet(sheet, this.#o.key);
  }

  /** Runs one transaction, starts its jobs after the commit, and turns a full or failing disk into a value. */
  #written(work: () => { accepted: AcceptedCase; start: readonly string[] }): Result<AcceptedCase, StoreProblem> {
    try {
      const { accepted, start } = this.#o.store.transaction(work);
      for (const job of start) this.#o.prints.start(job);
      return ok(accepted);
    } catch (error) {
      if (!(error instanceof StoreWriteError)) throw error;
      this.#o.log.error({ event: 'case.not-written', code: error.code, detail: error.message });
      return err(error.code);
    }
  }
}

/** The answers that the item declares as personal, or the others. */
function partOf(given: Application, wanted: (personal: boolean) => boolean): Record<string, string> {
  const fields = given.item.form.steps.flatMap((step) => step.fields).filter((field) => wanted(field.personal));
  return Object.fromEntries(
    fields.flatMap((field) => {
      const answer = given.answers[field.id];
      return answer === undefined ? [] : [[field.id, answer]];
    }),
  );
}
