import type { Language } from '#contract/text.ts';

const YEARS_ON_A_PAGE = 20;
const locales: Record<Language, string> = { zh: 'zh-CN', en: 'en-GB' };

/** The years between two months (`YYYY-MM`, both included), the latest first, in pages of twenty. */
export function yearPages(notBefore: string, notAfter: string): readonly (readonly number[])[] {
  const first = Number(notBefore.slice(0, 4));
  const last = Number(notAfter.slice(0, 4));
  const years = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => last - index);
  const pages: number[][] = [];
  for (let start = 0; start < years.length; start += YEARS_ON_A_PAGE) {
    pages.push(years.slice(start, start + YEARS_ON_A_PAGE));
  }
  return pages;
}

/** The twelve months of a year; those outside the limits (`YYYY-MM`, both included) are not open. */
export function monthsOf(year: number, notBefore: string, notAfter: string) {
  return Array.from({ length: 12 }, (_, index) => {
    const value = `${year}-${String(index + 1).padStart(2, '0')}`;
    return { value, open: value >= notBefore && value <= notAfter };
  });
}

/** A month (`YYYY-MM`) as people write it: 2019年3月, March 2019. */
export function monthWords(month: string, language: Language): string {
  const [year, number] = month.split('-').map(Number);
  const date = new Date(Date.UTC(year ?? 0, (number ?? 1) - 1, 1));
  const format = new Intl.DateTimeFormat(locales[language], { year: 'numeric', month: 'long', timeZone: 'UTC' });
  return format.format(date);
}

/** The terminal's day and time: 11月23日 星期一, 14:26. Terminals stand in China. */
export function nowWords(now: Date, language: Language): { readonly day: string; readonly time: string } {
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locales[language], { ...options, timeZone: 'Asia/Shanghai' }).format(now);
  return {
    day: part({
      month: language === 'zh' ? 'long' : 'short',
      day: 'numeric',
      weekday: language === 'zh' ? 'long' : 'short',
    }),
    time: part({ hour: '2-digit', minute: '2-digit', hour12: false }),
  };
}
