import { answering, type Question } from './messages.ts';

const answer = answering();

self.addEventListener('message', ({ data }: MessageEvent<{ number: number; question: Question }>) => {
  void answer(data.question).then((given) => self.postMessage({ number: data.number, given }, {}));
});
