import { useEffect, useRef, useState } from 'react';
import { unreachable } from '#contract/result.ts';
import type { FieldView, Step } from '#contract/visit.ts';
import { useCall } from '../app/context.tsx';
import { useWords } from '../i18n/words.ts';
import { Choice } from '../ui/Choice.tsx';
import { Digits } from '../ui/Digits.tsx';
import { MonthField } from '../ui/MonthField.tsx';
import { NumberPad } from '../ui/NumberPad.tsx';
import { Page } from '../ui/Page.tsx';
import { Press } from '../ui/Press.tsx';
import { Values } from '../ui/Rows.tsx';
import { useLandscape } from '../ui/turn.ts';
import styles from './Form.module.css';
import { type Values as Answers, answersOf, isAsked, padLimit } from './form-answers.ts';
import { Progress } from './Progress.tsx';

type FormStep = Extract<Step, { at: 'form' }>;

/** A few questions. What the card knows is shown, not asked; digits are written with the pad, which covers no field. */
export function Form({ step }: { readonly step: FormStep }) {
  const { t, of } = useWords();
  const call = useCall();
  const landscape = useLandscape();
  const [values, setValues] = useState<Answers>(() =>
    Object.fromEntries(step.fields.map(({ id, value }) => [id, value])),
  );
  /** Answers changed since the service judged them: its words no longer fit. */
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set());
  const asked = step.fields.filter((field) => isAsked(field, step.fields, values));
  const fixed = asked.filter((field) => field.input.kind === 'fixed');
  const questions = asked.filter((field) => field.input.kind !== 'fixed');
  const [touched, setTouched] = useState(() => questions.slice(0, 1).find((field) => padLimit(field) !== null)?.id);
  const writing = questions.find((field) => field.id === touched && padLimit(field) !== null);
  const place = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (Object.keys(step.problems).length === 0) return;
    const invalid = place.current?.querySelector<HTMLElement>('[data-invalid="true"]');
    invalid?.scrollIntoView({ block: 'center' });
    // Whoever goes by keys, or is read to, is where it is to be mended.
    (invalid?.querySelector('input') ?? invalid)?.focus({ preventScroll: true });
  }, [step.problems]);

  const change = (id: string, value: string) => {
    setValues((before) => ({ ...before, [id]: value }));
    setChanged((before) => new Set(before).add(id));
  };
  const next = () => {
    setChanged(new Set());
    call('visit.answer', { step: step.step, values: answersOf(step.fields, values) });
  };
  const pad = writing && (
    <NumberPad
      label={t('form.pad', { field: of(writing.label) })}
      value={values[writing.id] ?? ''}
      max={padLimit(writing) ?? 0}
      onChange={(value) => change(writing.id, value)}
    />
  );
  return (
    <Page
      over={<Progress item={of(step.item.title)} at="form" page={step} />}
      title={of(step.title)}
      shown={
        fixed.length > 0 && <Values rows={fixed.map((field) => ({ label: of(field.label), value: field.value }))} />
      }
      {...(landscape ? { aside: pad } : { dock: pad })}
      actions={
        <>
          <Press icon="back" onPress={() => call('visit.back', {})}>
            {t('form.back')}
          </Press>
          <Press kind="main" onPress={next}>
            {t('form.next')}
          </Press>
        </>
      }
    >
      <div ref={place} className={styles['fields']}>
        {questions.map((field) => {
          const problem = step.problems[field.id];
          return (
            <Question
              key={field.id}
              field={field}
              value={values[field.id] ?? ''}
              problem={problem === undefined || changed.has(field.id) ? undefined : t(`form.problem.${problem}`)}
              active={writing?.id === field.id}
              onTouch={() => setTouched(field.id)}
              onChange={(value) => change(field.id, value)}
            />
          );
        })}
      </div>
    </Page>
  );
}

interface QuestionProps {
  readonly field: FieldView;
  readonly value: string;
  readonly problem: string | undefined;
  readonly active: boolean;
  readonly onTouch: () => void;
  readonly onChange: (value: string) => void;
}

function Question({ field, value, problem, active, onTouch, onChange }: QuestionProps) {
  const { t, of } = useWords();
  const label = field.required ? of(field.label) : t('form.optional', { label: of(field.label) });
  const common = { label, hint: field.hint && of(field.hint), problem, value };
  const { input } = field;
  switch (input.kind) {
    case 'fixed':
      return null;
    case 'choice': {
      const options = input.options.map((option) => ({ value: option.value, label: of(option.label) }));
      const choose = (chosen: string) => {
        onTouch();
        onChange(chosen);
      };
      return <Choice {...common} options={options} onChange={choose} />;
    }
    case 'number':
    case 'phone':
      return (
        <Digits
          {...common}
          placeholder={t('form.tapNumber')}
          suffix={input.kind === 'number' && input.suffix ? of(input.suffix) : undefined}
          max={padLimit(field) ?? 0}
          active={active}
          onActivate={onTouch}
          onChange={onChange}
        />
      );
    case 'month':
      return <MonthField {...common} notBefore={input.notBefore} notAfter={input.notAfter} onChange={onChange} />;
    default:
      return unreachable(input);
  }
}
