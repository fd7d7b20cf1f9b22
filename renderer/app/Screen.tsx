import { memo } from 'react';
import { unreachable } from '#contract/result.ts';
import type { TerminalSnapshot } from '#contract/terminal.ts';
import type { Display, VisitSnapshot } from '#contract/visit.ts';
import { Attract } from '../screens/Attract.tsx';
import { Check } from '../screens/Check.tsx';
import { Clearing } from '../screens/Clearing.tsx';
import { Consent } from '../screens/Consent.tsx';
import { Done } from '../screens/Done.tsx';
import { Ended } from '../screens/Ended.tsx';
import { Form } from '../screens/Form.tsx';
import { Home } from '../screens/Home.tsx';
import { Identity } from '../screens/Identity.tsx';
import { Item } from '../screens/Item.tsx';
import { Leaving } from '../screens/Leaving.tsx';

interface ScreenProps extends Pick<VisitSnapshot, 'step' | 'help'> {
  readonly terminal: TerminalSnapshot;
  /** How large everything is. */
  readonly size: Display['mode'];
}

/** The one screen that belongs to where the visit stands; a deadline that starts anew does not draw it again. */
export const Screen = memo(function Screen({ terminal, size, step, help }: ScreenProps) {
  switch (step.at) {
    case 'attract':
      return <Attract terminal={terminal} />;
    case 'clearing':
      return <Clearing />;
    case 'home':
      return <Home step={step} terminal={terminal} size={size} />;
    case 'item':
      return <Item item={step.item} />;
    case 'consent':
      return <Consent step={step} />;
    case 'identity':
      return <Identity step={step} help={help} />;
    case 'form':
      return <Form step={step} />;
    case 'check':
      return <Check step={step} />;
    case 'done':
      return <Done step={step} terminal={terminal} />;
    case 'leaving':
      return <Leaving step={step} />;
    case 'ended':
      return <Ended />;
    default:
      return unreachable(step);
  }
});
