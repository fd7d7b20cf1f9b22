import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';
import type { Language, Text } from '#contract/text.ts';
import en from './en.json' with { type: 'json' };
import zh from './zh.json' with { type: 'json' };

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof zh };
  }
}

/** Loads the words of every language; Chinese is shown first. */
export async function startWords(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: 'zh',
    resources: { zh: { translation: zh }, en: { translation: en } },
    fallbackLng: false,
    interpolation: { escapeValue: false },
  });
}

/** Shows another language. */
export function speak(language: Language): void {
  if (i18next.language !== language) void i18next.changeLanguage(language);
}

/** The words (`t`), the language and the choice between a catalogue text's languages (`of`). */
export function useWords() {
  const { t, i18n } = useTranslation();
  const language: Language = i18n.language === 'en' ? 'en' : 'zh';
  return { t, language, of: (text: Text) => text[language] };
}
