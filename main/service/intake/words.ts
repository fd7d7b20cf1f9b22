import type { Text } from '#contract/text.ts';
import { isoWithOffset, localDay } from '../time/clock.ts';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/** What is said of it before consent (R21). */
export const PHOTOGRAPH: Text = {
  zh: '证件上的照片：只给工作人员当面核对，不留存',
  en: 'The photograph on the card: only for a worker to compare, not kept',
};

export function same(text: string): Text {
  return { zh: text, en: text };
}

/** `2018-03` as `2018年3月`, `March 2018`. */
export function monthText(month: string): Text {
  const [year = '', number = ''] = month.split('-');
  return { zh: `${year}年${Number(number)}月`, en: `${MONTHS[Number(number) - 1] ?? number} ${year}` };
}

/** `2026-11-23` as `2026年11月23日`, `23 November 2026`; another text stays as it is. */
export function dayText(day: string): Text {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return same(day);
  const month = monthText(day.slice(0, 7));
  const date = Number(day.slice(8));
  return { zh: `${month.zh}${date}日`, en: `${date} ${month.en}` };
}

/** Local `HH:MM`. */
export function timeOfDay(date: Date): string {
  return isoWithOffset(date).slice(11, 16);
}

/** `2026年11月23日 14:26`. */
export function momentText(date: Date): string {
  return `${dayText(localDay(date)).zh} ${timeOfDay(date)}`;
}

export interface Opening {
  /** Local `HH:MM`. */
  readonly opens: string;
  readonly closes: string;
}

export function isOpen(opening: Opening, now: Date): boolean {
  const time = timeOfDay(now);
  return time >= opening.opens && time < opening.closes;
}

/** From when a paper can be collected: today before the desk opens, otherwise tomorrow. */
export function collectFrom(opening: Opening, now: Date): Text {
  const today = timeOfDay(now) < opening.opens;
  const day = dayText(localDay(today ? now : new Date(now.getTime() + 86_400_000)));
  return {
    zh: `${day.zh.slice(5)}（${today ? '今天' : '明天'}）${opening.opens}后`,
    en: `${day.en} (${today ? 'today' : 'tomorrow'}), after ${opening.opens}`,
  };
}
