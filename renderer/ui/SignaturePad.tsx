import { type KeyboardEvent, type PointerEvent, useId, useRef } from 'react';
import { useWords } from '../i18n/words.ts';
import styles from './SignaturePad.module.css';
import { begin, carryOn, type FlatStroke, pathOf } from './strokes.ts';

/** Height of the pad in thousandths of its width. */
export const PAD_HEIGHT = 360;

interface SignaturePadProps {
  readonly strokes: readonly FlatStroke[];
  readonly onChange: (strokes: readonly FlatStroke[]) => void;
  readonly now: () => number;
}

/** How far an arrow key draws, in thousandths of the pad's width. */
const KEY_STEP = 40;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-KEY_STEP, 0],
  ArrowRight: [KEY_STEP, 0],
  ArrowUp: [0, -KEY_STEP],
  ArrowDown: [0, KEY_STEP],
};
/** Where a pen that keys move first stands: at the left, on the middle line. */
const KEY_START = [200, PAD_HEIGHT / 2] as const;

/** A place to write one's name with a finger, or with the arrow keys for whoever can't. */
export function SignaturePad({ strokes, onChange, now }: SignaturePadProps) {
  const { t } = useWords();
  const hint = useId();
  const started = useRef<number | null>(null);
  const drawing = useRef<readonly FlatStroke[] | null>(null);

  const point = (x: number, y: number): readonly [number, number, number] => {
    started.current ??= now();
    const clamp = (value: number, most: number) => Math.round(Math.min(Math.max(value, 0), most));
    return [clamp(x, 1000), clamp(y, PAD_HEIGHT), clamp(now() - started.current, 600_000)];
  };
  const pointOf = (event: PointerEvent) => {
    const place = event.currentTarget.getBoundingClientRect();
    const scale = 1000 / place.width;
    return point((event.clientX - place.left) * scale, (event.clientY - place.top) * scale);
  };

  const down = (event: PointerEvent<SVGSVGElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drawing.current = begin(strokes, pointOf(event));
    onChange(drawing.current);
  };
  const move = (event: PointerEvent<SVGSVGElement>) => {
    if (drawing.current === null) return;
    drawing.current = carryOn(drawing.current, pointOf(event));
    onChange(drawing.current);
  };
  const press = (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    const drawn = strokes.length > 0 ? strokes : begin(strokes, point(...KEY_START));
    const [x = 0, y = 0] = drawn.at(-1)?.slice(-3) ?? [];
    onChange(carryOn(drawn, point(x + arrow[0], y + arrow[1])));
  };
  const up = () => {
    drawing.current = null;
  };

  return (
    <div className={styles['place']}>
      <button
        type="button"
        className={styles['keys']}
        aria-label={t('check.pad')}
        aria-describedby={hint}
        onKeyDown={press}
      />
      <span id={hint} hidden>
        {t('check.padKeys')}
      </span>
      <svg
        className={styles['pad']}
        viewBox={`0 0 1000 ${PAD_HEIGHT}`}
        role="img"
        aria-label={t('check.pad')}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={up}
      >
        <path className={styles['line']} d={`M60 ${PAD_HEIGHT - 62}H940`} />
        {strokes.map((stroke) => (
          <path key={stroke.slice(0, 3).join()} className={styles['ink']} d={pathOf(stroke)} />
        ))}
      </svg>
    </div>
  );
}
