/** `npm run soak -- visit`: visits on real Electron, with something struck in each, and what must hold looked at after each. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findTraces } from '#tests/stand/traces.ts';
import { eventually, journalEntries, pdfText, readStore } from '#tests/visits/terminal.ts';
import { type Broken, report, type Struck } from './counts.ts';
import { type Floor, openFloor } from './floor.ts';
import { plan, type Round } from './plan.ts';

export async function soakVisit({ kills, seed }: { kills: number; seed: number }): Promise<boolean> {
  process.stderr.write(`${kills} kills, seed ${seed}\n`);
  mkdirSync('out/soak', { recursive: true });
  const folder = mkdtempSync(resolve('out/soak/visit-'));
  const floor = await openFloor(folder);
  const struck: Struck[] = [];
  const broken: Broken[] = [];
  const watch = new Watch(floor, broken);
  try {
    for (const round of plan(seed, kills)) {
      try {
        struck.push({ round, backMs: await floor.play(round) });
      } catch (error) {
        broken.push({
          round: round.number,
          promise: 'stuck',
          what: `${round.victim} at ${round.moment}: it did not come back: ${String(error)}`,
        });
        process.stderr.write(`round ${JSON.stringify(round)}: ${String(error)}\n`);
        await floor.restart();
      }
      await watch.look(round);
      if (round.number % 10 === 0 || broken.length > 0) {
        process.stderr.write(`${round.number}/${kills}: ${struck.length} back, ${broken.length} broken\n`);
      }
    }
    await watch.lookAtDistrict(kills);
    await floor.closeTerminal();
    watch.lookForTraces(kills);
    const { cases } = readStore(floor.stand);
    const district = await floor.stand.gateway.counts();
    const totals = {
      seed,
      accepted: cases,
      shown: new Set(floor.accepted).size,
      atDistrict: district.cases,
      entries: district.entries,
      receipts: floor.stand.receiptPrinter.papers.length,
      documents: (await floor.stand.documentPrinter.papers()).length,
    };
    process.stdout.write(`${report(struck, broken, totals)}\n`);
  } finally {
    await floor.close();
    if (broken.length === 0) rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    else process.stderr.write(`everything is kept in ${folder}\n`);
  }
  return broken.length === 0;
}

/** What must hold, whatever was struck. */
class Watch {
  readonly #floor: Floor;
  readonly #broken: Broken[];
  #receipts = 0;
  #documents = 0;

  constructor(floor: Floor, broken: Broken[]) {
    this.#floor = floor;
    this.#broken = broken;
  }

  async look(round: Round): Promise<void> {
    const { accepted, resident, stand } = this.#floor;
    const wrong = (promise: Broken['promise'], what: string): void => {
      this.#broken.push({ round: round.number, promise, what });
      process.stderr.write(`round ${JSON.stringify(round)}: ${what}\n`);
    };
    const { cases, receiptNumbers, whole } = readStore(stand);
    if (whole !== cases) wrong('half', `${cases - whole} half cases`);
    if (receiptNumbers.length !== cases)
      wrong('half', `${cases} cases, ${receiptNumbers.length} journal entries of cases`);
    if (new Set(receiptNumbers).size !== receiptNumbers.length) wrong('twice', 'a receipt number was given twice');
    for (const number of accepted)
      if (!receiptNumbers.includes(number)) wrong('lost', `${number} was accepted and is lost`);

    const own = resident.card.number.slice(-4);
    const receipts = stand.receiptPrinter.papers.slice(this.#receipts);
    for (const { text, ended } of receipts)
      if (ended === 'cut' && !text.includes(own)) wrong('paper', 'a receipt of somebody else came out');
    this.#receipts += receipts.length;
    const documents = (await stand.documentPrinter.papers()).slice(this.#documents);
    for (const file of documents) {
      if (!(await pdfText(file)).includes(resident.card.name)) wrong('paper', 'a document of somebody else came out');
    }
    this.#documents += documents.length;
  }

  async lookAtDistrict(round: number): Promise<void> {
    const { stand } = this.#floor;
    const { cases, receiptNumbers } = readStore(stand);
    const entries = await journalEntries(stand).catch((error: unknown) => {
      this.#broken.push({ round, promise: 'journal', what: String(error) });
      return 0;
    });
    try {
      await eventually('every entry there', async () =>
        (await stand.gateway.counts()).entries >= entries ? true : null,
      );
    } catch {
      this.#broken.push({ round, promise: 'district', what: 'entries are missing at the district' });
    }
    const district = await stand.gateway.counts();
    if (district.cases !== cases) {
      this.#broken.push({ round, promise: 'district', what: `${cases} cases here, ${district.cases} at the district` });
    }
    if (district.quarantined > 0)
      this.#broken.push({ round, promise: 'district', what: `${district.quarantined} entries in quarantine` });
    for (const number of receiptNumbers) {
      const found = (await stand.gateway.counts(number)).cases;
      if (found !== 1)
        this.#broken.push({ round, promise: 'district', what: `${number} is ${found} times at the district` });
    }
  }

  lookForTraces(round: number): void {
    const secrets = this.#floor.people.flatMap(({ name, number }) => [name, number]);
    const { folder } = this.#floor.stand;
    for (const { file, encoding } of findTraces(secrets, [join(folder, 'terminal'), join(folder, 'district')])) {
      this.#broken.push({ round, promise: 'trace', what: `a name or number stands in ${file} (${encoding})` });
    }
  }
}
