/** Every page that the picture book must have: screens and their states, each in every look and turn. What the contract can tell the screens is taken from there. */

import { JobProblem, PrinterProblem, UnreadableWhy } from '#contract/devices.ts';
import { STANDARD_DISPLAY } from '#contract/standard-display.ts';
import { OutOfService } from '#contract/terminal.ts';
import type { Display, Step } from '#contract/visit.ts';
import type { Turn } from '../stage.ts';

interface Screen {
  readonly title: string;
  /** Names of its states; '' is the screen as most people meet it. */
  readonly states: readonly string[];
}

type ScreenName = Step['at'] | 'starting' | 'out' | 'document' | 'alert' | 'speech';

const states = (words: string): readonly string[] => words.split(' ');

const printProblems: readonly string[] = [...PrinterProblem.options, ...JobProblem.options[1].options];

const screens: Readonly<Record<ScreenName, Screen>> = {
  starting: { title: 'Starting', states: [''] },
  out: { title: 'Out of service', states: OutOfService.shape.why.options },
  attract: { title: 'Invitation', states: ['', 'limited', 'offline'] },
  clearing: { title: 'A card lies there before the visit', states: [''] },
  home: {
    title: 'Home',
    states: [
      '',
      ...states('one unavailable help help-closed display end'),
      ...states(
        'search-empty search-typing search-results search-nothing search-symbols search-handwriting search-handwritten search-code',
      ),
    ],
  },
  item: { title: 'Item', states: ['', 'unavailable', 'needs-network'] },
  consent: { title: 'Consent', states: [''] },
  identity: {
    title: 'Identity',
    states: [
      ...states('ready looking reading card away fault'),
      ...states('other-ways other-ways-called worker-left'),
      ...UnreadableWhy.options,
      ...states('refused-expired refused-number refused-kind'),
    ],
  },
  document: {
    title: 'A document without a chip',
    states: states('sign-in empty typing typing-wrong wrong expired right comparing'),
  },
  alert: { title: 'A public warning', states: states('attract-orange attract-yellow home-blue home-read form-red') },
  form: { title: 'Form', states: states('1 offer 1-problem 2 2-other 2-problem 3 3-problem 3-year 3-month time') },
  check: { title: 'Check and sign', states: ['', 'submitting', 'problem'] },
  done: {
    title: 'Done',
    states: [
      '',
      ...states('offline called issued refused later skipped reasons end time'),
      ...states('sign-in sign-in-wrong sign-in-locked'),
      ...states('confirming confirming-photo confirming-photo-broken confirming-problem confirming-refuse'),
      ...['queued', 'unknown', 'held', ...printProblems].map((state) => `print-${state}`),
    ],
  },
  leaving: { title: 'Take everything along', states: ['', 'card', 'left-behind', 'nothing'] },
  ended: { title: 'The end', states: [''] },
  speech: { title: 'Read aloud', states: states('home consent form check done hidden') },
};

/** A page of the book: one state of a screen. */
export interface Page {
  readonly screen: string;
  readonly title: string;
  readonly state: string;
  /** The name of the scene that shows it. */
  readonly name: string;
}

export const pages: readonly Page[] = Object.entries(screens).flatMap(([screen, { title, states }]) =>
  states.map((state) => ({ screen, title, state, name: state === '' ? screen : `${screen}-${state}` })),
);

export const turns: readonly Turn[] = ['portrait', 'landscape'];

const look = (change: Partial<Display>): Display => ({ ...STANDARD_DISPLAY, ...change });

/** Every mode in every language, and in every language the other themes, the low reach and the left hand. */
export const looks: Readonly<Record<string, Display>> = Object.fromEntries(
  (['zh', 'en'] as const).flatMap((language): [string, Display][] => [
    [`${language}-standard`, look({ language })],
    [`${language}-elder`, look({ language, mode: 'elder' })],
    [`${language}-large`, look({ language, mode: 'large' })],
    [`${language}-contrast`, look({ language, theme: 'contrast' })],
    [`${language}-dark`, look({ language, mode: 'elder', theme: 'dark' })],
    [`${language}-low`, look({ language, mode: 'elder', reach: 'low' })],
    [`${language}-left`, look({ language, hand: 'left' })],
  ]),
);
