import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Audit } from '#main/service/store/audit.ts';
import { Cases } from '#main/service/store/cases.ts';
import { PrintJobs } from '#main/service/store/print-jobs.ts';
import { Tickets } from '#main/service/store/tickets.ts';
import { newCase, newFolders, openData, openStore } from './fixture.ts';

const noon = new Date('2026-03-02T04:00:00Z');

function house() {
  const data = openData();
  const cases = new Cases(data.store, data.vault);
  return { ...data, cases, jobs: new PrintJobs(data.store, data.vault, data.time) };
}

function accept(h: ReturnType<typeof house>, changes: Parameters<typeof newCase>[0] = {}) {
  const given = newCase(changes);
  h.store.transaction(() => h.cases.insert(given));
  return given;
}

describe('cases', () => {
  it('are found by id, receipt number and ID number, and open again', () => {
    const h = house();
    const first = accept(h);
    const second = accept(h);
    accept(h, { number: '12010719500228000X' });
    expect(h.cases.find(first.id)?.record()).toBe(first.record);
    expect(h.cases.findByReceipt(second.receiptNumber)?.id).toBe(second.id);
    expect(h.cases.findByNumber('120103195002280004').map(({ id }) => id)).toEqual([second.id, first.id]);
    expect(h.cases.findByNumber('120103195002280005')).toEqual([]);
    expect(h.cases.find('01890000-0000-7000-8000-ffffffffffff')).toBeNull();
  });

  it('leave no personal word and no receipt number readable on the disk', () => {
    const h = house();
    const given = accept(h);
    h.store.transaction(() =>
      h.jobs.insert({ id: given.id, caseId: given.id, document: 'receipt', input: given.record }),
    );
    h.store.close();
    const disk = readFileSync(h.file);
    for (const word of ['王秀英', '120103195002280004', '13800001234', given.receiptNumber]) {
      expect(disk.indexOf(word)).toBe(-1);
      expect(disk.indexOf(Buffer.from(word, 'utf16le'))).toBe(-1);
    }
  });

  it('never take a receipt number twice', () => {
    const h = house();
    const { receiptNumber } = accept(h);
    expect(() => accept(h, { receiptNumber })).toThrow(/UNIQUE/);
  });

  it('keep the first decision and the first rating', () => {
    const h = house();
    const { id } = accept(h);
    expect(h.cases.verified(id, 'worker-1', 'confirmed', noon)).toBe(true);
    expect(h.cases.verified(id, 'worker-2', 'refused', noon)).toBe(false);
    expect(h.cases.find(id)?.verification).toEqual({
      worker: 'worker-1',
      outcome: 'confirmed',
      at: '2026-03-02T12:00:00.000+08:00',
    });
    expect(h.cases.rate(id, null, [], noon)).toBe(true);
    expect(h.cases.rate(id, 5, [], noon)).toBe(false);
  });

  it('are refused before the reserve of the disk is touched', () => {
    const { folders, vault } = openData();
    let free = 2_000_000;
    const opened = openStore(`${folders.data}/other.sqlite`, { reserveBytes: 1_900_000, freeBytes: () => free });
    if (!opened.ok) throw new Error(opened.error.code);
    const cases = new Cases(opened.value, vault);
    opened.value.transaction(() => cases.insert(newCase()));
    free = 1_900_000;
    const late = newCase();
    expect(() => opened.value.transaction(() => cases.insert(late))).toThrow(
      expect.objectContaining({ code: 'disk-full' }) as Error,
    );
    expect(cases.find(late.id)).toBeNull();
  });

  it('lose their record when the time that the resident was told is over, and not before the district has them', () => {
    const h = house();
    const { id } = accept(h, { retentionDays: 30 });
    h.jobs.insert({ id: 'job-held', caseId: id, document: 'certificate', input: '{"name":"王秀英"}' });
    const inDays = (days: number) => new Date(noon.getTime() + days * 86_400_000);
    expect(h.cases.eraseExpired(inDays(400))).toBe(0);
    h.store.db.exec(`INSERT INTO entry (incarnation, seq, id, kind, catalogue, case_id, body, body_hash, prev_hash, hash,
      wall, monotonic_ms, boot, answer, answered_at)
      VALUES (1, 1, 'e', 'case', '', '${id}', x'', '', '', '', '', 0, '', 'stored', '2026-03-02T12:00:00.000+08:00')`);
    expect(h.cases.find(id)?.acknowledged).toBe(true);
    expect(h.cases.eraseExpired(inDays(29))).toBe(0);
    expect(h.jobs.find('job-held')?.input()).not.toBeNull();
    expect(h.cases.eraseExpired(inDays(31))).toBe(1);
    expect(h.cases.find(id)?.record()).toBeNull();
    expect(h.cases.findByNumber('120103195002280004')).toEqual([]);
    expect(h.jobs.find('job-held')?.input()).toBeNull();
  });
});

describe('the daily counter', () => {
  it('counts from 1 each day and gives a number back when the transaction fails', () => {
    const h = house();
    const next = (day: string) => h.store.transaction(() => h.cases.nextSequence(day));
    expect([next('2026-03-02'), next('2026-03-02'), next('2026-03-03')]).toEqual([1, 2, 1]);
    expect(() =>
      h.store.transaction(() => {
        h.cases.nextSequence('2026-03-02');
        throw new Error('power');
      }),
    ).toThrow('power');
    expect(next('2026-03-02')).toBe(3);
  });

  it('goes on after a restart', () => {
    const folders = newFolders();
    const before = openData(folders);
    before.store.transaction(() => new Cases(before.store, before.vault).nextSequence('2026-03-02'));
    before.store.close();
    const after = openData(folders);
    expect(new Cases(after.store, after.vault).nextSequence('2026-03-02')).toBe(2);
  });
});

describe('print jobs', () => {
  it('keep their sealed input until the paper is known to be out', () => {
    const h = house();
    const { id: caseId } = accept(h);
    h.jobs.insert({ id: 'job-1', caseId, document: 'receipt', input: '{"name":"王秀英"}' });
    expect(h.jobs.find('job-1')).toMatchObject({ state: 'queued', document: 'receipt', caseId });
    h.jobs.setState('job-1', 'failed', 'paper-out');
    expect(h.jobs.find('job-1')?.input()).toBe('{"name":"王秀英"}');
    h.jobs.setState('job-1', 'confirmed');
    expect(h.jobs.find('job-1')?.input()).toBeNull();
    expect(() => h.jobs.setState('job-1', 'printing')).toThrow(/job-1/);
  });

  it('are unfinished when they did not come out: not the printed one, not the one that may lie in the tray', () => {
    const h = house();
    const { id: caseId } = accept(h);
    const states = ['queued', 'printing', 'failed', 'unknown', 'confirmed'] as const;
    for (const state of states) {
      h.jobs.insert({ id: state, caseId, document: 'certificate', input: '{}' });
      if (state !== 'queued') h.jobs.setState(state, state);
    }
    expect(h.jobs.unfinished().map(({ id }) => id)).toEqual(['queued', 'printing', 'failed']);
    for (const { id } of h.jobs.unfinished()) h.jobs.setState(id, 'held');
    expect(h.jobs.unfinished()).toEqual([]);
  });
});

describe('help tickets and the audit trail', () => {
  it('keep who came first, and leave the list when they are closed', () => {
    const tickets = new Tickets(openData().store);
    tickets.open('t1', 'called', noon);
    tickets.open('t2', 'card-left-behind', noon);
    tickets.seen('t1', 'worker-1', noon);
    tickets.seen('t1', 'worker-2', noon);
    tickets.close('t2', noon);
    expect(tickets.unfinished()).toMatchObject([{ id: 't1', why: 'called', worker: 'worker-1', closedAt: null }]);
  });

  it('tell of one subject in order', () => {
    const { store, time } = openData();
    const audit = new Audit<'print.again' | 'visit.ended'>(store, time);
    audit.record({ event: 'print.again', subject: 'job-1', detail: { outcome: 'unknown' } });
    audit.record({ event: 'visit.ended', subject: 'visit-1' });
    time.advance(1_000);
    audit.record({ event: 'print.again', subject: 'job-1' });
    expect(audit.of('job-1')).toEqual([
      { at: '2026-03-02T09:00:00.000+08:00', event: 'print.again', subject: 'job-1', detail: { outcome: 'unknown' } },
      { at: '2026-03-02T09:00:01.000+08:00', event: 'print.again', subject: 'job-1', detail: {} },
    ]);
  });
});
