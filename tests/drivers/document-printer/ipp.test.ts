import peer from 'ipp';
import { describe, expect, it } from 'vitest';
import { decodeAnswer, encodeRequest, jobsOf, numberOf, valuesOf, wordsOf } from '#drivers/document-printer/ipp.ts';

// The peer is an independent implementation of RFC 8010. Its parser never ends on some lengths that lie, so it reads only what is whole.

const ANSWER = peer.serialize({
  version: '2.0',
  statusCode: 'successful-ok',
  id: 7,
  'operation-attributes-tag': { 'attributes-charset': 'utf-8', 'attributes-natural-language': 'en' },
  'printer-attributes-tag': {
    'printer-state': 'stopped',
    'printer-state-reasons': ['media-empty-error', 'toner-low-report'],
    'printer-is-accepting-jobs': true,
    'queued-job-count': 2,
  },
});

describe('requests', () => {
  it('are understood by another implementation', () => {
    const request = encodeRequest(
      'Print-Job',
      7,
      { 'printer-uri': 'ipp://localhost/ipp/print', 'requesting-user-name': 'yichuang', 'job-name': '一窗' },
      { media: 'iso_a4_210x297mm', sides: 'one-sided', copies: 1 },
      Buffer.from('%PDF'),
    );
    expect(peer.parse(request)).toMatchObject({
      version: '2.0',
      operation: 'Print-Job',
      id: 7,
      'operation-attributes-tag': { 'attributes-charset': 'utf-8', 'job-name': '一窗' },
      'job-attributes-tag': { media: 'iso_a4_210x297mm', sides: 'one-sided', copies: 1 },
      data: '%PDF',
    });
  });

  it('carry several values of one attribute, and truth values', () => {
    const request = encodeRequest('Send-Document', 1, {
      'requested-attributes': ['job-state', 'job-state-reasons'],
      'last-document': true,
    });
    expect(peer.parse(request)).toMatchObject({
      'operation-attributes-tag': { 'requested-attributes': ['job-state', 'job-state-reasons'], 'last-document': true },
    });
  });
});

describe('a list of jobs', () => {
  it('is asked for', () => {
    const request = encodeRequest('Get-Jobs', 1, { 'which-jobs': 'not-completed', 'my-jobs': true, limit: 50 });
    expect(peer.parse(request)).toMatchObject({
      operation: 'Get-Jobs',
      'operation-attributes-tag': { 'which-jobs': 'not-completed', 'my-jobs': true, limit: 50 },
    });
  });

  it('is read job by job', () => {
    const job = (id: number, user: string) =>
      peer.serialize({
        version: '2.0',
        statusCode: 'successful-ok',
        id: 7,
        'job-attributes-tag': { 'job-id': id, 'job-originating-user-name': user },
      });
    // The peer writes one job an answer: the second follows the first without its head.
    const bytes = Buffer.concat([job(3, 'yichuang').subarray(0, -1), job(5, 'somebody').subarray(8)]);
    const answer = decodeAnswer(bytes);
    if (!answer.ok) throw new Error(answer.error);
    const jobs = jobsOf(answer.value).map((job) => [
      numberOf(job, 'job-id'),
      wordsOf(job, 'job-originating-user-name'),
    ]);
    expect(jobs).toEqual([
      [3, ['yichuang']],
      [5, ['somebody']],
    ]);
  });
});

describe('answers', () => {
  it('of another implementation are read', () => {
    const answer = decodeAnswer(ANSWER);
    if (!answer.ok) throw new Error(answer.error);
    expect(answer.value.status).toBe(0);
    expect(numberOf(answer.value, 'printer-state')).toBe(5);
    expect(wordsOf(answer.value, 'printer-state-reasons')).toEqual(['media-empty-error', 'toner-low-report']);
    expect(valuesOf(answer.value, 'printer-is-accepting-jobs')).toEqual([true]);
    expect(numberOf(answer.value, 'not-there')).toBeUndefined();
  });

  it('that break off anywhere are refused', () => {
    for (let cut = 0; cut < ANSWER.length; cut += 1) {
      expect(decodeAnswer(ANSWER.subarray(0, cut))).toEqual({ ok: false, error: 'malformed' });
    }
  });
});
