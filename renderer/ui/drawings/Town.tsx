import styles from './drawings.module.css';

interface Block {
  readonly x: number;
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
}

const GROUND = 400;
const WINDOW = { width: 26, height: 30 };

/** The estate's houses, from left to right. */
const blocks: readonly Block[] = [
  { x: 40, width: 150, height: 190, columns: 3, rows: 3 },
  { x: 205, width: 190, height: 290, columns: 4, rows: 5 },
  { x: 640, width: 170, height: 250, columns: 3, rows: 4 },
  { x: 825, width: 140, height: 170, columns: 3, rows: 2 },
];

const lit = new Set(['205-1-2', '640-2-1', '40-1-1']);

function House({ x, width, height, columns, rows }: Block) {
  const top = GROUND - height;
  const stepX = (width - 30) / columns;
  const stepY = (height - 40) / rows;
  const windows = Array.from({ length: columns * rows }, (_, index) => {
    const [column, row] = [index % columns, Math.floor(index / columns)];
    return {
      key: `${x}-${column}-${row}`,
      left: x + 15 + stepX * (column + 0.5) - WINDOW.width / 2,
      top: top + 24 + stepY * row,
    };
  });
  return (
    <g>
      <path className={styles['wall']} d={`M${x} ${GROUND}V${top}h${width}V${GROUND}`} />
      <path className={styles['thin']} d={`M${x - 8} ${top}h${width + 16}`} />
      {windows.map((one) => (
        <g key={one.key}>
          <rect
            className={lit.has(one.key) ? styles['lit'] : styles['dim']}
            x={one.left}
            y={one.top}
            rx="3"
            {...WINDOW}
          />
          <path className={styles['thin']} d={`M${one.left + WINDOW.width / 2} ${one.top}v${WINDOW.height}`} />
        </g>
      ))}
    </g>
  );
}

function Tree({ x, size }: { readonly x: number; readonly size: number }) {
  return (
    <g>
      <circle className={styles['leaf']} cx={x} cy={GROUND - size * 1.75} r={size} />
      <path
        className={styles['thin']}
        d={`M${x} ${GROUND}V${GROUND - size * 1.9}M${x} ${GROUND - size * 1.1}l${size * 0.45} ${-size * 0.45}`}
      />
    </g>
  );
}

const CABINS = 16;

/** The big wheel over the river, far behind the houses, with the sun in it. */
function Wheel() {
  const cabins = Array.from({ length: CABINS }, (_, index) => {
    const turn = (index / CABINS) * 2 * Math.PI;
    return { key: index, x: 510 + 132 * Math.cos(turn), y: 96 + 132 * Math.sin(turn) };
  });
  return (
    <g>
      <circle className={styles['sun']} cx="510" cy="96" r="76" />
      <circle className={styles['far']} cx="510" cy="96" r="132" />
      <circle className={styles['far']} cx="510" cy="96" r="114" />
      {cabins.map(({ key, x, y }) => (
        <g key={key}>
          <path className={styles['far']} d={`M510 96L${x} ${y}`} />
          <circle className={styles['cabin']} cx={x} cy={y} r="8" />
        </g>
      ))}
      <path className={styles['far']} d="M510 96L440 400M510 96l70 304" />
    </g>
  );
}

/** The neighbourhood, with its one window open in the middle. */
export function Town() {
  return (
    <svg className={styles['fill']} viewBox="0 0 1000 420" preserveAspectRatio="xMidYMax slice" aria-hidden="true">
      <Wheel />
      {blocks.map((block) => (
        <House key={block.x} {...block} />
      ))}
      <Tree x={22} size={22} />
      <Tree x={198} size={26} />
      <Tree x={618} size={30} />
      <Tree x={815} size={24} />
      <Tree x={978} size={26} />
      <path className={styles['wall']} d={`M412 ${GROUND}V262h196V${GROUND}`} />
      <path className={styles['roof']} d="M398 262l24-44h176l24 44z" />
      <path className={styles['thin']} d="M446 262l12-44M490 262l4-44M530 262l-4-44M574 262l-12-44" />
      <rect className={styles['lit']} x="440" y="288" width="140" height="66" rx="5" />
      <path className={styles['line']} d="M432 356h156M510 288v66" />
      <circle className={styles['line']} cx="475" cy="318" r="11" />
      <path className={styles['line']} d="M457 354c1-20 35-20 36 0" />
      <path className={styles['line']} d={`M0 ${GROUND}H1000`} />
    </svg>
  );
}
