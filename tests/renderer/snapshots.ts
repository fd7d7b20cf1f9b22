import type { Alert } from '#contract/alerts.ts';
import { CataloguePackage } from '#contract/catalogue.ts';
import type { JobProblem, ReaderState, UnreadableWhy } from '#contract/devices.ts';
import { STANDARD_DISPLAY } from '#contract/standard-display.ts';
import { OutOfService, TerminalSnapshot } from '#contract/terminal.ts';
import {
  type DocumentView,
  type FieldView,
  type PrintState,
  type Step,
  VisitSnapshot,
  type WorkerView,
} from '#contract/visit.ts';
import catalogue from '../../image/catalogue/catalogue.json' with { type: 'json' };
import { drawPhotograph } from '../simulators/id-card/photograph.ts';

const content = CataloguePackage.parse(catalogue);
const certificate = content.items.find(({ id }) => id === 'residence-certificate');
if (!certificate) throw new Error('the catalogue has no residence certificate');
const { title } = certificate;
const item = { title };

export const terminal: TerminalSnapshot = TerminalSnapshot.parse({
  health: { is: 'well' },
  community: {
    street: { zh: '友谊路街道', en: 'Youyi Road Subdistrict' },
    name: { zh: '测试里社区', en: 'Ceshili Community' },
    phone: '022-00000000',
    desk: { zh: '测试里社区党群服务中心', en: 'Ceshili community service centre' },
    opens: '09:00',
    closes: '17:00',
  },
  network: 'online',
  unsynced: 0,
  alerts: [],
});

const limited: TerminalSnapshot = {
  ...terminal,
  health: {
    is: 'limited',
    concerns: [
      { part: 'document-printer', what: 'away', remedy: '' },
      { part: 'receipt-printer', what: 'paper-low', remedy: '' },
      { part: 'scanner', what: 'away', remedy: '' },
    ],
  },
};
const flood: Alert = {
  id: '6f1c1f8e-6d0c-4c8e-9d3f-1a2b3c4d5e6f',
  expiresAt: '2026-11-23T20:00:00+08:00',
  level: 'orange',
  hazard: 'flood',
  title: { zh: '暴雨内涝，低处积水很深', en: 'Heavy rain: deep water in low places' },
  text: {
    zh: '今天下午到晚上有大暴雨，本街道低处和地下通道已经积水。',
    en: 'Very heavy rain until tonight. Low streets and underpasses here are under water.',
  },
  steps: [
    { zh: '留在楼上，不要下到地下室。', en: 'Stay upstairs; do not go into basements.' },
    { zh: '不要走积水的路，离电线杆远一点。', en: 'Do not walk through water; keep away from poles.' },
    { zh: '家里进水，先关电闸。', en: 'If water comes in, switch off the electricity.' },
  ],
  issuer: { zh: '样例区气象台', en: 'Sample district weather station' },
  phone: '119',
};

/** A terminal in a flood of this level; grave ones cover the screen until they are read. */
export function alerted(level: Alert['level'] = 'orange', hazard: Alert['hazard'] = 'flood'): TerminalSnapshot {
  return { ...terminal, alerts: [{ ...flood, level, hazard }] };
}
export const floodAlert = flood.id;

const offline: TerminalSnapshot = { ...terminal, network: 'offline', unsynced: 3 };

/** A moment that the pictures show: Monday afternoon in Tianjin. */
export const moment = new Date('2026-11-23T06:26:00.000Z');

/** The visit of somebody who is read to. */
const read = { display: { ...STANDARD_DISPLAY, speech: 'on' } } as const;

/** A visit at a step, as the service would push it. */
export function visitAt(step: Step, more: Partial<Omit<VisitSnapshot, 'step'>> = {}): VisitSnapshot {
  return VisitSnapshot.parse({
    revision: 1,
    display: STANDARD_DISPLAY,
    offer: 'none',
    deadline: null,
    help: { state: 'none' },
    alert: null,
    ...more,
    step,
  });
}

const materials = certificate.materials.map(({ name, how, note }) => ({ name, how, ...(note ? { note } : {}) }));
const card = {
  id: certificate.id,
  group: certificate.group,
  title,
  summary: certificate.summary,
  unavailable: null,
};

export const home: Extract<Step, { at: 'home' }> = {
  at: 'home',
  groups: content.groups,
  items: content.items.map(({ id, group, title, summary }) => ({ id, group, title, summary, unavailable: null })),
};

export const guide: Extract<Step, { at: 'item' }> = {
  at: 'item',
  item: {
    ...card,
    conditions: certificate.conditions,
    materials,
    promised: certificate.limits.promised,
    feeFen: certificate.fee.amountFen,
    feeBasis: certificate.fee.basis,
    responsible: certificate.responsible.name,
    place: certificate.place,
    serves: certificate.serves,
    legalBasis: certificate.legalBasis,
    complaintPhone: certificate.complaintPhone,
    offline: certificate.offline,
  },
};

export const consent: Extract<Step, { at: 'consent' }> = {
  at: 'consent',
  item,
  purpose: certificate.consent.purpose,
  data: certificate.consent.data,
  retention: certificate.consent.retention,
  responsible: certificate.responsible.name,
};

export function identity(reader: ReaderState, more: Partial<Extract<Step, { at: 'identity' }>> = {}): Step {
  return { at: 'identity', item, reader, refused: null, otherWays: false, worker: { at: 'none' }, ...more };
}

const row = (zh: string, en: string, value: string, valueEn = value) => ({
  label: { zh, en },
  value: { zh: value, en: valueEn },
});

/** A document of a state that does not exist, as ICAO Doc 9303 prints it. */
const passport = ['P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<', 'L898902C36UTO7408122F3204153ZE184226B<<<<<16'];

export const entering: Extract<DocumentView, { at: 'entering' }> = {
  at: 'entering',
  worker: '李明',
  scanner: 'ready',
  format: 'td3',
  lines: ['', ''],
  length: 44,
  cursor: { line: 0, column: 0 },
  problem: null,
  right: false,
  refused: null,
};

const entered = { lines: passport, cursor: { line: 1, column: 44 } } as const;

export const comparing: Extract<DocumentView, { at: 'comparing' }> = {
  at: 'comparing',
  worker: '李明',
  rows: [
    row('证件', 'Document', '港澳居民来往内地通行证', 'Mainland Travel Permit, Hong Kong and Macao'),
    row('姓名', 'Name', 'ERIKSSON ANNA MARIA'),
    row('证件号码', 'Number', 'L8*****C3'),
    row('性别', 'Sex', '女', 'Female'),
    row('出生日期', 'Born', '1974年8月12日', '12 August 1974'),
    row('有效期至', 'Valid until', '2032年4月15日', '15 April 2032'),
    row('签发方', 'Issued by', 'UTO'),
    row('国籍代码', 'Nationality', 'UTO'),
  ],
};

const atDesk = (worker: DocumentView) => identity({ state: 'ready' }, { otherWays: true, worker });

const cardValues: Readonly<Record<string, string>> = {
  name: '王秀英',
  number: '120103********0007',
  address: '天津市河西区友谊路街道测试里12号楼3门502室',
};

/** The form's pages as the service shows them, filled in or not. */
export function form(page: 1 | 2 | 3, values: Readonly<Record<string, string>> = {}): Extract<Step, { at: 'form' }> {
  const { steps } = certificate?.form ?? { steps: [] };
  const step = steps[page - 1];
  if (!step) throw new Error('the form has no such page');
  const fields = step.fields.map((field): FieldView => {
    const base = {
      id: field.id,
      label: field.label,
      ...(field.hint ? { hint: field.hint } : {}),
      required: field.required,
      ...(field.when ? { when: field.when } : {}),
      value: values[field.id] ?? cardValues[field.id] ?? '',
    };
    switch (field.kind) {
      case 'card':
        return { ...base, input: { kind: 'fixed' } };
      case 'choice':
        return { ...base, input: { kind: 'choice', options: field.options } };
      case 'estate':
        return { ...base, input: { kind: 'choice', options: estates } };
      case 'number':
        return {
          ...base,
          input: { kind: 'number', digits: field.digits, ...(field.suffix ? { suffix: field.suffix } : {}) },
        };
      case 'phone':
        return { ...base, input: { kind: 'phone' } };
      case 'month':
        return { ...base, input: { kind: 'month', notAfter: '2026-11', notBefore: '1950-02' } };
    }
  });
  return { at: 'form', item, title: step.title, step: page, steps: steps.length, fields, problems: {} };
}

const estates = [
  { value: 'ceshili', label: { zh: '测试里', en: 'Ceshili' } },
  { value: 'ceshili-east', label: { zh: '测试东里', en: 'Ceshi Dongli' } },
];

const rows = [
  row('姓名', 'Name', '王秀英'),
  row('证件号码', 'ID number', '120103********0007'),
  row('证件上的住址', 'Address on the card', '天津市河西区友谊路街道测试里12号楼3门502室'),
  row('联系电话', 'Phone', '13800001234'),
  row('现住址', 'Where you live', '测试里12号楼3门502室', 'Ceshili, Building 12, Entrance 3, Room 502'),
  row('从什么时候住到现在', 'Living there since', '2008年4月', 'April 2008'),
  row('房屋是', 'The home is', '自己或家人的房子', 'Owned by me or my family'),
  row('证明用在哪里', 'What it is for', '子女入学', 'A child’s school'),
];

export const check: Extract<Step, { at: 'check' }> = {
  at: 'check',
  item,
  rows,
  declaration: {
    zh: '以上内容真实，由我本人填写；我同意按告知的用途使用这些信息。',
    en: 'The above is true and was entered by me; I agree that it is used as I was told.',
  },
  submitting: false,
  problem: null,
};

const levels = (['5', '4', '3', '2', '1'] as const).map((level) => ({
  level: Number(level),
  title: content.evaluation.levels[level],
  reasons: Object.entries(content.evaluation.reasons[level]).map(([code, title]) => ({ code, title })),
}));

const receiptPaper = (print: PrintState) =>
  ({ id: 'job-1', document: 'receipt', title: { zh: '收件回执', en: 'Receipt' }, print }) as const;
const certificatePaper = (print: PrintState) => ({ id: 'job-2', document: 'certificate', title, print }) as const;
const noticePaper = (print: PrintState) =>
  ({
    id: 'job-3',
    document: 'acceptance-notice',
    title: { zh: '受理通知书', en: 'Acceptance notice' },
    print,
  }) as const;

const printed: PrintState = { state: 'confirmed' };

export function done(more: Partial<Extract<Step, { at: 'done' }>> = {}): Extract<Step, { at: 'done' }> {
  return {
    at: 'done',
    item,
    receiptNumber: '120103-000701-261123-0042-6',
    acceptedAt: '14:26',
    prints: [receiptPaper(printed)],
    worker: { at: 'none' },
    collect: {
      when: { zh: '11月24日（明天）09:00后', en: '24 November 2026 (tomorrow), after 09:00' },
      where: { zh: '测试里社区党群服务中心', en: 'Ceshili community service centre' },
    },
    sync: 'waiting',
    rating: { state: 'open' },
    levels,
    ...more,
  };
}

export const confirming: Extract<WorkerView, { at: 'confirming' }> = {
  at: 'confirming',
  worker: '李明',
  rows,
  photo: null,
  checks: certificate.verification,
  problem: null,
};

export const withPhotograph = {
  ...confirming,
  photo: `data:image/bmp;base64,${Buffer.from(drawPhotograph()).toString('base64')}`,
} as const;

const warning = { phase: 'warning', leftMs: 24_000, totalMs: 30_000, extensionsLeft: 9 } as const;
const called = { state: 'called', openNow: true, opens: '09:00', phone: '022-00000000' } as const;
const closed = { ...called, openNow: false } as const;

/** One page of the picture book: both snapshots, and what a finger does before the picture is taken. */
export interface Scene {
  readonly name: string;
  readonly terminal: TerminalSnapshot;
  readonly visit: VisitSnapshot | null;
  /** Names of buttons that are touched first, in order. */
  readonly touch?: readonly string[];
  /** What is then written into the square: lines of points in thousandths of its side. */
  readonly draw?: readonly (readonly (readonly [number, number])[])[];
  readonly sound?: 'attention' | 'warning' | 'left-behind';
}

const scene = (
  name: string,
  step: Step,
  more: Partial<Scene & { more: Partial<Omit<VisitSnapshot, 'step'>> }> = {},
): Scene => {
  const { more: visit, ...rest } = more;
  return { name, terminal, visit: visitAt(step, visit), ...rest };
};

const out = (why: OutOfService['why'], community: TerminalSnapshot['community'] = terminal.community): Scene => ({
  name: `out-${why}`,
  terminal: { ...terminal, community, health: { is: 'out-of-service', why, detail: '' } },
  visit: null,
});

const unreadable = (why: UnreadableWhy) => scene(`identity-${why}`, identity({ state: 'unreadable', why }));
const failure = (problem: JobProblem) =>
  scene(`done-print-${problem}`, done({ prints: [receiptPaper({ state: 'failed', problem })] }));

const fault = { why: '', remedy: '' };

const searching = ['找一找：点这里，写您要办的事', 'Search: write what you need'];

/** 中, by somebody who begins with the middle line. */
const written = [
  [
    [505, 110],
    [498, 900],
  ],
  [
    [285, 330],
    [300, 640],
  ],
  [
    [290, 335],
    [730, 310],
    [700, 610],
  ],
  [
    [300, 620],
    [705, 600],
  ],
] as const;

/** Every step and state of the visit. */
export const scenes: readonly Scene[] = [
  { name: 'starting', terminal, visit: null },
  ...OutOfService.shape.why.options.map((why) => out(why, why === 'not-enrolled' ? null : terminal.community)),
  scene('attract', { at: 'attract' }),
  scene('attract-limited', { at: 'attract' }, { terminal: limited }),
  scene('attract-offline', { at: 'attract' }, { terminal: offline }),
  scene('clearing', { at: 'clearing' }),
  scene('home', home),
  scene('home-one', { ...home, items: home.items.slice(0, 1) }),
  scene('home-unavailable', {
    ...home,
    items: home.items.map((one, index) => ({ ...one, unavailable: index === 0 ? 'reader-away' : null })),
  }),
  scene('home-help', home, { more: { help: called }, touch: ['已叫人', 'Help called'] }),
  scene('home-help-closed', home, { more: { help: closed }, touch: ['已留言', 'Help noted'] }),
  scene('home-display', home, { touch: ['显示设置', 'Display'] }),
  scene('home-search-empty', home, { touch: searching }),
  scene('home-search-typing', home, { touch: [...searching, ...Array.from('hukou')] }),
  scene('home-search-results', home, {
    touch: [...searching, ...Array.from('juzhu'), '居住', '看结果', 'See results'],
  }),
  scene('home-search-nothing', home, { touch: [...searching, ...Array.from('xyz')] }),
  scene('home-search-symbols', home, { touch: [...searching, '数字符号', '123 ?!'] }),
  scene('home-search-handwriting', home, { touch: [...searching, '手写', 'Write'] }),
  scene('home-search-handwritten', home, { touch: [...searching, '手写', 'Write'], draw: written }),
  scene('home-search-code', home, { touch: [...searching, '生僻字', 'Code', '2', '0', 'B', 'B', '7'] }),
  scene('home-end', home, { touch: ['结束办理', 'End visit'] }),
  scene('item', guide),
  scene('item-unavailable', { ...guide, item: { ...guide.item, unavailable: 'receipt-printer-away' } }),
  scene(
    'item-needs-network',
    { ...guide, item: { ...guide.item, unavailable: 'needs-network' } },
    { terminal: offline },
  ),
  scene('consent', consent),
  scene('identity-ready', identity({ state: 'ready' })),
  scene('identity-reading', identity({ state: 'reading' })),
  scene('identity-looking', identity({ state: 'looking' })),
  scene('identity-card', identity({ state: 'card' })),
  scene('identity-other-ways', identity({ state: 'ready' }, { otherWays: true })),
  scene('identity-other-ways-called', identity({ state: 'ready' }, { otherWays: true }), { more: { help: called } }),
  scene('identity-worker-left', identity({ state: 'ready' }, { otherWays: true }), {
    more: { help: { state: 'seen', worker: '李明' } },
  }),
  scene('document-sign-in', atDesk({ at: 'signing-in', problem: null, lockedForMs: 0 })),
  scene('document-empty', atDesk(entering)),
  scene(
    'document-typing',
    atDesk({
      ...entering,
      scanner: null,
      format: 'td1',
      lines: ['I<UTOD231458907<<<<<<<<<<<<<<<', '7408122F32', ''],
      length: 30,
      cursor: { line: 1, column: 10 },
    }),
  ),
  scene(
    'document-typing-wrong',
    atDesk({
      ...entering,
      lines: [passport[0] ?? '', 'L898902C86'],
      cursor: { line: 1, column: 10 },
      problem: { field: 'number', why: 'check', line: 1, column: 9 },
    }),
  ),
  scene(
    'document-wrong',
    atDesk({
      ...entering,
      ...entered,
      lines: [passport[0] ?? '', (passport[1] ?? '').replace('C36', 'C86')],
      problem: { field: 'number', why: 'check', line: 1, column: 9 },
    }),
  ),
  scene('document-expired', atDesk({ ...entering, ...entered, right: true, refused: 'expired' })),
  scene('document-right', atDesk({ ...entering, ...entered, scanner: 'away', right: true })),
  scene('document-comparing', atDesk(comparing)),
  scene('identity-away', identity({ state: 'away', ...fault })),
  scene('identity-fault', identity({ state: 'fault', ...fault })),
  ...(['lifted', 'read-failed', 'rejected', 'garbled', 'wrong-kind'] as const).map(unreadable),
  ...(['expired', 'number', 'kind'] as const).map((refused) =>
    scene(`identity-refused-${refused}`, identity({ state: 'card' }, { refused })),
  ),
  scene('form-1', form(1)),
  scene('form-offer', form(1), { more: { offer: 'large-letters' } }),
  scene('form-1-problem', { ...form(1, { phone: '1380000' }), problems: { phone: 'not-a-phone' } }),
  scene('form-2', form(2)),
  scene('form-2-other', form(2, { residence: 'other', estate: 'ceshili', building: '12' })),
  scene('form-2-problem', {
    ...form(2, { residence: 'other' }),
    problems: { estate: 'required', building: 'required', room: 'required' },
  }),
  scene('form-3', form(3, { tenure: 'owned' })),
  scene('form-3-problem', { ...form(3), problems: { since: 'required', tenure: 'required', purpose: 'not-a-choice' } }),
  scene('form-3-year', form(3), { touch: ['从什么时候住到现在', 'Living there since'] }),
  scene('form-3-month', form(3), { touch: ['从什么时候住到现在', 'Living there since', '2008'] }),
  scene('alert-attract-orange', { at: 'attract' }, { terminal: alerted(), more: { alert: floodAlert } }),
  scene('alert-attract-yellow', { at: 'attract' }, { terminal: alerted('yellow') }),
  scene('alert-home-blue', home, { terminal: alerted('blue', 'storm') }),
  scene('alert-home-read', home, { terminal: alerted('red', 'storm') }),
  scene('alert-form-red', form(3), { terminal: alerted('red', 'storm'), more: { alert: floodAlert } }),
  scene('form-time', form(3), { more: { deadline: warning } }),
  scene('check', check),
  scene('check-submitting', { ...check, submitting: true }),
  scene('check-problem', { ...check, problem: 'store-failed' }),
  scene('done', done({ prints: [receiptPaper({ state: 'printing' })] })),
  scene('done-offline', done(), { terminal: offline }),
  scene('done-called', done({ worker: { at: 'called' } }), { more: { help: called } }),
  scene('done-sign-in', done({ worker: { at: 'signing-in', problem: null, lockedForMs: 0 } })),
  scene('done-sign-in-wrong', done({ worker: { at: 'signing-in', problem: 'pin-wrong', lockedForMs: 0 } })),
  scene('done-sign-in-locked', done({ worker: { at: 'signing-in', problem: 'locked', lockedForMs: 290_000 } })),
  scene('done-confirming', done({ worker: confirming })),
  scene('done-confirming-photo', done({ worker: withPhotograph })),
  scene('done-confirming-photo-broken', done({ worker: { ...confirming, photo: 'data:image/png;base64,iVBORw==' } })),
  scene('done-confirming-problem', done({ worker: { ...confirming, problem: 'disk-full' } })),
  scene('done-confirming-refuse', done({ worker: confirming }), { touch: ['不能确认', 'Cannot confirm'] }),
  scene(
    'done-issued',
    done({
      worker: { at: 'confirmed', worker: '李明' },
      prints: [receiptPaper(printed), certificatePaper({ state: 'printing' })],
      sync: 'acknowledged',
    }),
  ),
  scene('done-refused', done({ worker: { at: 'refused', worker: '李明' } })),
  scene(
    'done-later',
    done({
      prints: [receiptPaper(printed), noticePaper(printed)],
      sync: 'acknowledged',
      rating: { state: 'rated', level: 5 },
    }),
  ),
  scene('done-skipped', done({ prints: [receiptPaper(printed), noticePaper(printed)], rating: { state: 'skipped' } })),
  scene('done-reasons', done({ prints: [receiptPaper(printed), noticePaper(printed)] }), {
    touch: ['不满意', 'Dissatisfied'],
  }),
  scene('done-print-queued', done({ prints: [receiptPaper({ state: 'queued' })] })),
  scene('done-print-unknown', done({ prints: [receiptPaper({ state: 'unknown' })] })),
  scene('done-print-held', done({ prints: [receiptPaper({ state: 'held' })] })),
  ...(
    ['paper-out', 'cover-open', 'jam', 'cutter', 'paused', 'supply-empty', 'fault', 'away', 'missing-glyph'] as const
  ).map(failure),
  scene('done-end', done(), { touch: ['结束办理', 'End visit'] }),
  scene('done-time', done(), { more: { deadline: warning } }),
  scene('leaving-card', {
    at: 'leaving',
    card: 'on-reader',
    papers: [receiptPaper(printed), certificatePaper(printed)],
  }),
  scene(
    'leaving-left-behind',
    { at: 'leaving', card: 'left-behind', papers: [receiptPaper(printed)] },
    { sound: 'left-behind' },
  ),
  scene('leaving', { at: 'leaving', card: 'taken', papers: [receiptPaper(printed), noticePaper({ state: 'queued' })] }),
  scene('leaving-nothing', { at: 'leaving', card: 'taken', papers: [] }),
  scene('ended', { at: 'ended' }),
  scene('speech-home', home, { more: read }),
  scene('speech-consent', consent, { more: read }),
  scene('speech-form', form(2), { more: read }),
  scene('speech-check', check, { more: read }),
  scene('speech-done', done({ prints: [receiptPaper(printed)] }), { more: read }),
  scene('speech-hidden', check, { more: read, touch: ['遮屏', 'Hide'] }),
];
