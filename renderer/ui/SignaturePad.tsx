import { type PointerEvent, useRef } from 'react';
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

/** A place to write one's name with a finger. */
export function SignaturePad({ strokes, onChange, now }: SignaturePadProps) {
  const { t } = useWords();
  const started = useRef<number | null>(null);
  const drawing = useRef<readonly FlatStroke[] | null>(null);

  const pointOf = (event: PointerEvent): readonly [number, number, number] => {
    const place = event.currentTarget.getBoundingClientRect();
    const scale = 1000 / place.width;
    started.current ??= now();
    const clamp = (value: number, most: number) => Math.round(Math.min(Math.max(value, 0), most));
    return [
      clamp((event.clientX - place.left) * scale, 1000),
      clamp((event.clientY - place.top) * scale, PAD_HEIGHT),
      clamp(now() - started.current, 600_000),
    ];
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
  const up = () => {
    drawing.current = null;
  };

  return (
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
  );
}
