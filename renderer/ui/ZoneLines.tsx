import styles from './ZoneLines.module.css';

interface Place {
  readonly line: number;
  readonly column: number;
}

interface ZoneLinesProps {
  readonly lines: readonly string[];
  /** Characters of a whole line. */
  readonly length: number;
  readonly cursor: Place;
  /** The character that is wrong. */
  readonly wrong: Place | null;
  readonly label: (line: number) => string;
}

/** A machine-readable zone as it stands on the document: character under character, with what is still to come as dots. */
export function ZoneLines({ lines, length, cursor, wrong, label }: ZoneLinesProps) {
  const full = lines.every((text) => text.length === length);
  return (
    <ol className={styles['zone']} data-full={full}>
      {lines.map((text, at) => (
        <li key={label(at)} data-wrong={wrong?.line === at} data-here={cursor.line === at}>
          <span className={styles['label']}>{label(at)}</span>
          <span className={styles['count']}>{`${text.length}/${length}`}</span>
          <code className={styles['text']}>
            <Characters
              text={text}
              cursor={cursor.line === at ? cursor.column : null}
              wrong={wrong?.line === at ? wrong.column : null}
            />
            <span className={styles['rest']} aria-hidden="true">
              {'.'.repeat(length - text.length)}
            </span>
          </code>
        </li>
      ))}
    </ol>
  );
}

interface CharactersProps {
  readonly text: string;
  readonly cursor: number | null;
  readonly wrong: number | null;
}

/** The text in runs, with the cursor between two characters and the wrong one marked. */
function Characters({ text, cursor, wrong }: CharactersProps) {
  const cuts = [0, cursor ?? 0, wrong ?? 0, wrong === null ? 0 : wrong + 1, text.length];
  const places = [...new Set(cuts)].filter((place) => place <= text.length).toSorted((one, other) => one - other);
  return (
    <>
      {places.map((from, index) => {
        const run = text.slice(from, places[index + 1] ?? from);
        return (
          <span key={from}>
            {from === cursor && <i className={styles['cursor']} />}
            {from === wrong ? <mark className={styles['wrong']}>{run}</mark> : run}
          </span>
        );
      })}
    </>
  );
}
