import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { Toolbar } from 'react-aria-components/Toolbar';
import type { Display } from '#contract/visit.ts';
import { useWords } from '../i18n/words.ts';
import { Icon } from '../ui/Icon.tsx';
import { useLowReach } from '../ui/reach.ts';
import { Tabs } from '../ui/Tabs.tsx';
import { useLandscape } from '../ui/turn.ts';
import { HandwritingPanel } from './handwriting/HandwritingPanel.tsx';
import styles from './Keyboard.module.css';
import { boardOf, type KeyMode } from './layout.ts';
import type { WritingField } from './use-writing.ts';
import type { Mode } from './writing.ts';

const MODES = ['pinyin', 'hand', 'latin', 'symbols', 'code'] as const satisfies readonly Mode[];

interface KeyboardProps {
  readonly field: WritingField;
  readonly size: Display['mode'];
  /** The words of the key that ends writing, and what it does. */
  readonly done: string;
  readonly onDone: () => void;
  /** A choice was taken, and its button with it: whoever works without touch goes on in the field. */
  readonly onTaken: () => void;
}

/** Keys for every way of writing; over them the ways, or what may be chosen for what was typed. They take no focus from the field. */
export function Keyboard({ field, size, done, onDone, onTaken }: KeyboardProps) {
  const { t } = useWords();
  const { writing, act, setTray } = field;
  return (
    <div role="group" aria-label={t('keys.name')} className={styles['keyboard']}>
      <div ref={setTray} className={styles['tray']} aria-busy={field.thinking}>
        {writing.typed === '' ? (
          <Tabs
            label={t('keys.ways')}
            tabs={MODES.map((id) => ({ id, words: t(`keys.way.${id}`) }))}
            chosen={writing.mode}
            onChoose={(mode) => act({ do: 'mode', mode })}
          />
        ) : (
          <Choices field={field} onTaken={onTaken} />
        )}
      </div>
      {writing.mode === 'hand' ? (
        <HandwritingPanel
          onWrite={(text) => {
            act({ do: 'take', choice: { text, typed: 0 } });
            onTaken();
          }}
          onErase={() => act({ do: 'erase' })}
          done={done}
          onDone={onDone}
        />
      ) : (
        <Board field={field} mode={writing.mode} size={size} done={done} onDone={onDone} />
      )}
    </div>
  );
}

interface BoardProps extends Omit<KeyboardProps, 'onTaken'> {
  readonly mode: KeyMode;
}

function Board({ field, mode, size, done, onDone }: BoardProps) {
  const { t } = useWords();
  const landscape = useLandscape();
  const low = useLowReach();
  const { writing, act } = field;
  const { columns, keys } = boardOf(mode, size, landscape ? 'wide' : low ? 'lower-half' : 'high');
  const press = (key: string) => {
    switch (key) {
      case 'erase':
      case 'clear':
      case 'capitals':
        return act({ do: key });
      case 'space':
        return field.space();
      case 'done':
        return onDone();
      case 'apart':
        return act({ do: 'key', key: "'" });
      default:
        return act({ do: 'key', key });
    }
  };
  return (
    <div className={styles['board']} data-columns={columns} data-low={low}>
      {keys.map(({ key, span }) => (
        <Button
          key={key}
          className={styles['key'] ?? ''}
          data-span={span}
          data-kind={Array.from(key).length === 1 ? 'character' : key}
          preventFocusOnPress
          {...(key === 'capitals' && { 'aria-pressed': writing.capitals })}
          onPress={() => press(key)}
        >
          {faceOf(key, writing.capitals, done, t)}
        </Button>
      ))}
    </div>
  );
}

function faceOf(key: string, capitals: boolean, done: string, t: ReturnType<typeof useWords>['t']): ReactNode {
  switch (key) {
    case 'done':
      return done;
    case 'erase':
    case 'clear':
    case 'space':
    case 'apart':
    case 'capitals':
      return t(`keys.key.${key}`);
    default:
      return capitals ? key.toUpperCase() : key;
  }
}

/** What may be chosen, a page at a time; arrow keys go from one to the next. */
function Choices({ field, onTaken }: Pick<KeyboardProps, 'field' | 'onTaken'>) {
  const { t } = useWords();
  const { shown, earlier, later, act } = field;
  return (
    <Toolbar aria-label={t('keys.choices')} className={styles['choices'] ?? ''}>
      <div className={styles['shown']}>
        {shown.map((choice) => (
          <Button
            key={choice.text}
            className={styles['choice'] ?? ''}
            preventFocusOnPress
            onPress={() => {
              act({ do: 'take', choice });
              onTaken();
            }}
          >
            {choice.text}
          </Button>
        ))}
      </div>
      {(
        [
          ['left', earlier],
          ['right', later],
        ] as const
      ).map(([way, turn]) => (
        <Button
          key={way}
          className={styles['turn'] ?? ''}
          preventFocusOnPress
          isDisabled={turn === null}
          aria-label={t(`keys.turn.${way}`)}
          onPress={() => turn?.()}
        >
          <Icon name={way} />
        </Button>
      ))}
    </Toolbar>
  );
}
