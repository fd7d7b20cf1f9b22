import { useState } from 'react';
import type { SigningIn, WorkerView } from '#contract/visit.ts';
import { useCall } from '../app/context.tsx';
import { useWords } from '../i18n/words.ts';
import { Tick } from '../ui/Choice.tsx';
import { NumberPad } from '../ui/NumberPad.tsx';
import { Press } from '../ui/Press.tsx';
import { Values } from '../ui/Rows.tsx';
import { Sheet } from '../ui/Sheet.tsx';
import { State } from '../ui/State.tsx';
import styles from './Worker.module.css';

const MOST_PIN = 12;
const LEAST_PIN = 4;

/** A worker at the terminal, over the resident's page, which stays below as it is. */
export function Worker({ worker, item }: { readonly worker: WorkerView; readonly item: string }) {
  switch (worker.at) {
    case 'none':
    case 'called':
    case 'confirmed':
    case 'refused':
      return null;
    case 'signing-in':
      return <SignIn view={worker} />;
    case 'confirming':
      return <Confirm worker={worker} item={item} />;
  }
}

/** The PIN, wherever a worker is needed. */
export function SignIn({ view: { problem, lockedForMs } }: { readonly view: SigningIn }) {
  const { t } = useWords();
  const call = useCall();
  const [pin, setPin] = useState('');
  const locked = problem === 'locked';
  const enter = () => {
    setPin('');
    call('worker.signIn', { pin });
  };
  return (
    <Sheet
      title={t('worker.signIn')}
      actions={
        <>
          <Press onPress={() => call('worker.leave', {})}>{t('worker.leave')}</Press>
          <Press kind="main" disabled={locked || pin.length < LEAST_PIN} onPress={enter}>
            {t('worker.enter')}
          </Press>
        </>
      }
    >
      {problem === null ? (
        <p>{t('worker.pin')}</p>
      ) : (
        <State
          tone="warm"
          icon="lock"
          live="assertive"
          title={t(`worker.problem.${problem}`, { minutes: Math.ceil(lockedForMs / 60_000) })}
        />
      )}
      <div className={styles['pin']} role="status" aria-label={t('worker.typed', { digits: pin.length })}>
        {Array.from({ length: Math.max(pin.length, 6) }, (_, place) => (
          <i key={place} data-typed={place < pin.length} />
        ))}
      </div>
      <NumberPad label={t('worker.pad')} value={pin} max={locked ? 0 : MOST_PIN} secret onChange={setPin} />
    </Sheet>
  );
}

/** The photograph of the card beside what the card says; one that the page can't draw is none. */
function Photograph({ src }: { readonly src: string }) {
  const { t } = useWords();
  const [broken, setBroken] = useState(false);
  if (broken) return null;
  return (
    <figure className={styles['photograph']}>
      <img src={src} alt={t('worker.photo')} onError={() => setBroken(true)} />
      <figcaption>{t('worker.face')}</figcaption>
    </figure>
  );
}

interface ConfirmProps {
  readonly worker: Extract<WorkerView, { at: 'confirming' }>;
  readonly item: string;
}

function Confirm({ worker, item }: ConfirmProps) {
  const { t, of } = useWords();
  const call = useCall();
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const [refusing, setRefusing] = useState(false);
  const all = worker.checks.every(({ id }) => seen.has(id));
  const tick = (id: string, ticked: boolean) => {
    const next = new Set(seen);
    if (ticked) next.add(id);
    else next.delete(id);
    setSeen(next);
  };
  const problem = worker.problem !== null && (
    <State tone="warm" icon="warning" live="assertive" title={t(`worker.notWritten.${worker.problem}`)} />
  );
  if (refusing) {
    return (
      <Sheet
        title={t('worker.refuseTitle')}
        role="alertdialog"
        actions={
          <>
            <Press kind="danger" onPress={() => call('worker.refuse', {})}>
              {t('worker.refuseYes')}
            </Press>
            <Press kind="main" onPress={() => setRefusing(false)}>
              {t('worker.refuseNo')}
            </Press>
          </>
        }
      >
        {problem}
        <p>{t('worker.refuseWords')}</p>
      </Sheet>
    );
  }
  return (
    <Sheet
      title={t('worker.confirm', { item })}
      note={{ id: 'worker-note', words: t(all ? 'worker.ready' : 'worker.missing') }}
      actions={
        <>
          <Press onPress={() => call('worker.leave', {})}>{t('worker.leave')}</Press>
          <Press kind="danger" onPress={() => setRefusing(true)}>
            {t('worker.refuse')}
          </Press>
          <Press
            kind="main"
            disabled={!all}
            describedBy="worker-note"
            onPress={() => call('worker.confirm', { seen: [...seen] })}
          >
            {t('worker.yes')}
          </Press>
        </>
      }
    >
      {problem}
      <p>{t('worker.hello', { worker: worker.worker })}</p>
      <div className={styles['evidence']}>
        <div className={styles['card']}>
          {worker.photo !== null && <Photograph src={worker.photo} />}
          <Values rows={worker.rows.map(({ label, value }) => ({ label: of(label), value: of(value) }))} />
        </div>
        <div className={styles['checks']}>
          {worker.checks.map(({ id, text }) => (
            <Tick key={id} ticked={seen.has(id)} onChange={(ticked) => tick(id, ticked)}>
              {of(text)}
            </Tick>
          ))}
        </div>
      </div>
    </Sheet>
  );
}
