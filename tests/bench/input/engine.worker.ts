import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { Pinyin } from '#renderer/input/pinyin/pinyin.ts';

const pinyin = new Pinyin(readFileSync('out/dictionary/pinyin.txt', 'utf8'));
parentPort?.on('message', (typed: string) => parentPort?.postMessage(pinyin.candidates(typed, 'search'), []));
