/**
 * What is to be chosen after each key, from the question to the answer: in the engine alone, and as the screen sees it, by a worker of its
 * own. The floor is a worker that answers at once.
 */
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { Pinyin } from '#renderer/input/pinyin/pinyin.ts';
import { type Figure, percentile } from '../figures.ts';

/** What people write at a counter: whole syllables, initials, both mixed, and sounds that are often confused. */
const SENTENCES = [
  'wodehukoubendiulexiangyaobuban',
  'canjirenzhengzenmeban',
  'yibaobaoxiaoyaodaishenmecailiao',
  'jiatingzhuzhitianjinshihexiquyouyilujiedao',
  'laonianzhengheyanglaojinrenzheng',
  'womenyaoquyiyuankanbing',
  'haiziruxueyaojuzhuzhengming',
  'xingmingwangxiuying',
  'dibaoshenqingyaoduojiucainengxialai',
  'wofuqinquanguibaizaijiaxuyaohuli',
  'sengmingzengmaizailide',
  'shequjzzm',
  'hkbbb',
  'cjrz',
  'ybbx',
  'wxbbzjzzm',
  'womshequdgzry',
];

export async function candidates(): Promise<readonly Figure[]> {
  const pinyin = new Pinyin(readFileSync('out/dictionary/pinyin.txt', 'utf8'));
  const keys = SENTENCES.flatMap((sentence) => Array.from(sentence, (_, at) => sentence.slice(0, at + 1)));
  for (const typed of keys) pinyin.candidates(typed, 'search');
  const engine: number[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    for (const typed of keys) {
      const begun = performance.now();
      pinyin.candidates(typed, 'search');
      engine.push(performance.now() - begun);
    }
  }
  const [ours, floor] = [await timesOf(openOurs(), keys), await timesOf(openBare(), keys)];
  const figure = { unit: 'ms', floor: null, goal: null } as const;
  return [
    { ...figure, name: 'candidates for a key, p50', ours: percentile(ours, 0.5), floor: percentile(floor, 0.5) },
    { ...figure, name: '  p95', ours: percentile(ours, 0.95), goal: 16 },
    { ...figure, name: '  p99', ours: percentile(ours, 0.99) },
    { ...figure, name: '  p95 of the floor', ours: percentile(floor, 0.95) },
    { ...figure, name: '  p95 in the engine alone', ours: percentile(engine, 0.95) },
  ];
}

async function timesOf(worker: Worker, keys: readonly string[]): Promise<readonly number[]> {
  const answer = (typed: string) =>
    new Promise((resolve) => {
      worker.once('message', resolve);
      worker.postMessage(typed, []);
    });
  for (const typed of keys) await answer(typed);
  const times: number[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    for (const typed of keys) {
      const begun = performance.now();
      await answer(typed);
      times.push(performance.now() - begun);
    }
  }
  await worker.terminate();
  return times;
}

const openOurs = () => new Worker(new URL('engine.worker.ts', import.meta.url));
const openBare = () =>
  new Worker(
    "const { parentPort } = require('node:worker_threads'); parentPort.on('message', () => parentPort.postMessage([]))",
    {
      eval: true,
    },
  );
