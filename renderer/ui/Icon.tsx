import type { ReactNode } from 'react';
import styles from './Icon.module.css';

const dot = (x: number, y: number) => <circle cx={x} cy={y} r="1.3" fill="currentColor" stroke="none" />;
const ring = <circle cx="16" cy="16" r="12" />;

/** The icon family: 32 units square, one stroke of 2.2, round ends, nothing filled but dots. */
const drawings = {
  document: (
    <>
      <path d="M8 3h11l6 6v20H8z" />
      <path d="M19 3v6h6M12 15h9M12 20h9M12 25h5" />
    </>
  ),
  pen: (
    <>
      <path d="M5 27l2-7L22 5l5 5-15 15z" />
      <path d="M18 9l5 5" />
    </>
  ),
  people: (
    <>
      <circle cx="11" cy="9" r="4" />
      <circle cx="22" cy="11" r="3.4" />
      <path d="M4 27c0-6 3-9 7-9s7 3 7 9M19 19c5-1 9 2 9 8" />
    </>
  ),
  speech: (
    <>
      <path d="M6 6h20v15H15l-6 6v-6H6z" />
      <path d="M11 12h10M11 16h6" />
    </>
  ),
  ear: (
    <>
      <path d="M9 12a7 7 0 0 1 14 0c0 5-5 6-5 10a4 4 0 0 1-8 1" />
      <path d="M13 13a3 3 0 1 1 5 2c-1 1-2 1.500-2 3" />
    </>
  ),
  again: (
    <>
      <path d="M26 16a10 10 0 1 1-3-7" />
      <path d="M24 4v6h-6" />
    </>
  ),
  stop: <path d="M9 9h14v14H9z" />,
  softer: (
    <>
      <path d="M5 12v8h5l7 6V6l-7 6z" />
      <path d="M22 16h6" />
    </>
  ),
  louder: (
    <>
      <path d="M5 12v8h5l7 6V6l-7 6z" />
      <path d="M22 16h6M25 13v6" />
    </>
  ),
  curtain: (
    <>
      <path d="M4 5h24v22H4z" />
      <path d="M11 5v22M16 5v22M21 5v22" />
    </>
  ),
  find: (
    <>
      <circle cx="14" cy="14" r="8" />
      <path d="M20 20l8 8" />
    </>
  ),
  heart: <path d="M16 27S4 20 4 11a6.5 6.5 0 0 1 12-3.500A6.5 6.5 0 0 1 28 11c0 9-12 16-12 16z" />,
  letters: <path d="M3 26l8-20 8 20M6 19h10M21 26l4.5-11L30 26M22.7 22.500h5.6" />,
  globe: (
    <>
      {ring}
      <path d="M4 16h24M16 4c5 5 5 19 0 24M16 4c-5 5-5 19 0 24" />
    </>
  ),
  contrast: (
    <>
      {ring}
      <path d="M16 4v24M16 8h8M16 13h11M16 18h11M16 23h9" />
    </>
  ),
  hand: (
    <path d="M10 17V8.500a2.2 2.2 0 0 1 4.4 0V14M14.4 14V5.500a2.2 2.2 0 0 1 4.4 0V14M18.8 14V7.500a2.2 2.2 0 0 1 4.4 0V19c0 6-3 9.5-8 9.5-4 0-6-1.8-8-5.500l-3-5.600c-.6-1.2-.2-2.4.8-2.9 1-.5 2.2-.1 2.9 1L10 19" />
  ),
  phone: (
    <path d="M8 4h4.500l2.5 6.5-3 2.500c1.3 3 4 5.7 7 7l2.5-3L28 19.500V24c0 2.2-1.8 4-4 4C13 28 4 19 4 8c0-2.2 1.8-4 4-4z" />
  ),
  clock: (
    <>
      {ring}
      <path d="M16 9v7l5 3.5" />
    </>
  ),
  go: <path d="M12 6l10 10-10 10" />,
  back: <path d="M20 6L10 16l10 10" />,
  left: <path d="M28 16H5M14 7l-9 9 9 9" />,
  right: <path d="M4 16h23M18 7l9 9-9 9" />,
  up: <path d="M6 20l10-10 10 10" />,
  down: <path d="M6 12l10 10 10-10" />,
  door: (
    <>
      <path d="M13 4H6v24h7" />
      <path d="M13 16h15M22 10l6 6-6 6" />
    </>
  ),
  print: (
    <>
      <path d="M9 12V4h14v8M9 24H5V12h22v12h-4" />
      <path d="M9 19h14v9H9z" />
    </>
  ),
  receipt: (
    <>
      <path d="M8 3h16v25l-4-2.5-4 2.5-4-2.500L8 28z" />
      <path d="M12.5 10h7M12.5 15h7M12.5 20h4" />
    </>
  ),
  card: (
    <>
      <path d="M4 7h24v18H4z" />
      <circle cx="21.5" cy="13.5" r="2.5" />
      <path d="M17.5 20.500c.3-4.5 7.7-4.5 8 0M8 13h6M8 18h5" />
    </>
  ),
  tick: <path d="M6 17l7 7L27 9" />,
  cross: <path d="M8 8l16 16M24 8L8 24" />,
  wait: (
    <>
      {ring}
      {dot(10.5, 16)}
      {dot(16, 16)}
      {dot(21.5, 16)}
    </>
  ),
  warning: (
    <>
      <path d="M16 4l13 23H3z" />
      <path d="M16 12v8" />
      {dot(16, 23.6)}
    </>
  ),
  question: (
    <>
      {ring}
      <path d="M12 12.500a4 4 0 1 1 6 3.500c-1.5.9-2 1.5-2 3.2" />
      {dot(16, 22.8)}
    </>
  ),
  bell: (
    <>
      <path d="M8 22V14a8 8 0 0 1 16 0v8l2 3H6zM13.5 28.500h5" />
      <path d="M16 6V3.5" />
    </>
  ),
  lock: (
    <>
      <path d="M7 14h18v14H7z" />
      <path d="M11 14V10a5 5 0 0 1 10 0v4M16 19v4" />
    </>
  ),
  calendar: (
    <>
      <path d="M5 7h22v21H5zM5 13h22" />
      <path d="M11 3.500V9M21 3.500V9" />
    </>
  ),
  erase: (
    <>
      <path d="M11 7h17v18H11L3 16z" />
      <path d="M16 12.500l7 7M23 12.500l-7 7" />
    </>
  ),
  window: (
    <>
      <path d="M6 4h20v24H6zM6 15h20M16 4v24" />
      <path d="M3.5 28h25" />
    </>
  ),
  place: (
    <>
      <path d="M16 29S6 19.5 6 12.500a10 10 0 0 1 20 0C26 19.5 16 29 16 29z" />
      <circle cx="16" cy="12.5" r="3.6" />
    </>
  ),
  coin: (
    <>
      {ring}
      <path d="M11 9.500l5 6.5 5-6.500M16 16v7.500M11.5 17.500h9M11.5 20.800h9" />
    </>
  ),
  network: (
    <>
      <path d="M4 13c7-7 17-7 24 0M8.5 18c4.5-4.3 10.5-4.3 15 0" />
      {dot(16, 23)}
    </>
  ),
} as const satisfies Record<string, ReactNode>;

export type IconName = keyof typeof drawings;

interface IconProps {
  readonly name: IconName;
  readonly size?: 'normal' | 'big' | 'small';
}

/** An icon beside its words; it never stands alone, so it is hidden from readers. */
export function Icon({ name, size = 'normal' }: IconProps) {
  return (
    <svg className={styles['icon']} data-size={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      {drawings[name]}
    </svg>
  );
}
