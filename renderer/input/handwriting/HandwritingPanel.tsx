import { type PointerEvent, useEffect, useRef, useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { useWords } from '../../i18n/words.ts';
import { begin, carryOn, type FlatStroke, pathOf } from '../../ui/strokes.ts';
import { type Ask, startWorker } from '../worker.ts';
import styles from './HandwritingPanel.module.css';
import type { Drawn } from './handwriting.worker.ts';
import type { Stroke } from './ink.ts';

const CANDIDATES = 8;

interface HandwritingPanelProps {
  readonly onWrite: (text: string) => void;
  readonly onErase: () => void;
  /** The words of the key that ends writing, and what it does. */
  readonly done: string;
  readonly onDone: () => void;
}

/** A square to write one character in with a finger, and beside it the characters that it may be. */
export function HandwritingPanel({ onWrite, onErase, done, onDone }: HandwritingPanelProps) {
  const { t } = useWords();
  const [strokes, setStrokes] = useState<readonly FlatStroke[]>([]);
  const [lifted, setLifted] = useState(true);
  const { characters, thinking } = useCharacters(strokes, lifted);
  const choose = (character: string) => {
    onWrite(character);
    setStrokes([]);
  };
  const actions = [
    { words: t('keys.hand.back'), idle: strokes.length === 0, act: () => setStrokes(strokes.slice(0, -1)) },
    { words: t('keys.hand.anew'), idle: strokes.length === 0, act: () => setStrokes([]) },
    { words: t('keys.key.erase'), idle: false, act: onErase },
    { words: done, idle: false, act: onDone },
  ];
  return (
    <div className={styles['panel']} aria-busy={thinking}>
      <Square strokes={strokes} onChange={setStrokes} onLift={setLifted} />
      {characters.map((character) => (
        <Button
          key={character}
          className={styles['candidate'] ?? ''}
          preventFocusOnPress
          onPress={() => choose(character)}
        >
          {character}
        </Button>
      ))}
      {characters.length === 0 && (
        <p className={styles['hint']} role="status">
          {strokes.length > 0 && !thinking ? t('keys.hand.unknown') : t('keys.hand.hint')}
        </p>
      )}
      {actions.map(({ words, idle, act }) => (
        <Button key={words} className={styles['action'] ?? ''} preventFocusOnPress isDisabled={idle} onPress={act}>
          {words}
        </Button>
      ))}
    </div>
  );
}

interface SquareProps {
  readonly strokes: readonly FlatStroke[];
  readonly onChange: (strokes: readonly FlatStroke[]) => void;
  readonly onLift: (lifted: boolean) => void;
}

function Square({ strokes, onChange, onLift }: SquareProps) {
  const { t } = useWords();
  const drawing = useRef<{ readonly pointer: number; strokes: readonly FlatStroke[] } | null>(null);
  const pointOf = (event: PointerEvent): readonly [number, number, number] => {
    const place = event.currentTarget.getBoundingClientRect();
    const clamp = (share: number) => Math.round(1000 * Math.min(Math.max(share, 0), 1));
    return [clamp((event.clientX - place.left) / place.width), clamp((event.clientY - place.top) / place.height), 0];
  };
  const down = (event: PointerEvent<SVGSVGElement>) => {
    // A hand that rests on the glass while a finger writes is no stroke.
    if (drawing.current !== null) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    drawing.current = { pointer: event.pointerId, strokes: begin(strokes, pointOf(event)) };
    onChange(drawing.current.strokes);
    onLift(false);
  };
  const move = (event: PointerEvent<SVGSVGElement>) => {
    if (drawing.current?.pointer !== event.pointerId) return;
    drawing.current.strokes = carryOn(drawing.current.strokes, pointOf(event));
    onChange(drawing.current.strokes);
  };
  const up = (event: PointerEvent<SVGSVGElement>) => {
    if (drawing.current?.pointer !== event.pointerId) return;
    drawing.current = null;
    onLift(true);
  };
  return (
    <svg
      className={styles['square']}
      viewBox="0 0 1000 1000"
      role="img"
      aria-label={t('keys.hand.square')}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
    >
      <path className={styles['guide']} d="M500 40V960M40 500H960" />
      <path className={styles['ink']} d={strokes.map(pathOf).join('')} />
    </svg>
  );
}

/** The characters for what stands in the square; those of fewer strokes stay until the next come, so that nothing flickers. */
function useCharacters(strokes: readonly FlatStroke[], lifted: boolean) {
  const [found, setFound] = useState<{ readonly of: readonly FlatStroke[]; readonly characters: readonly string[] }>({
    of: [],
    characters: [],
  });
  useEffect(() => {
    if (!lifted) return undefined;
    let current = true;
    const think = async () => {
      const characters = await recognise(strokes.map(strokeOf));
      if (current) setFound({ of: strokes, characters });
    };
    void think();
    return () => {
      current = false;
    };
  }, [strokes, lifted]);
  return { characters: strokes.length === 0 ? [] : found.characters, thinking: !lifted || found.of !== strokes };
}

function strokeOf(flat: FlatStroke): Stroke {
  return Array.from({ length: flat.length / 3 }, (_, at) => [flat[3 * at] ?? 0, flat[3 * at + 1] ?? 0] as const);
}

let ask: Ask<Drawn, readonly string[]> | undefined;

/** Asks the recogniser in its worker, which starts with the first question. */
function recognise(strokes: readonly Stroke[]): Promise<readonly string[]> {
  ask ??= startWorker<Drawn, readonly string[]>('handwriting');
  return ask({ model: new URL('handwriting.bin', document.baseURI).href, strokes, count: CANDIDATES });
}
