import { isGrave } from '#contract/alert-rules.ts';
import type { TerminalSnapshot } from '#contract/terminal.ts';
import type { VisitSnapshot } from '#contract/visit.ts';
import { AlertCover } from './AlertCover.tsx';
import { useCall } from './context.tsx';

interface AlertOverProps {
  readonly terminal: TerminalSnapshot;
  readonly visit: VisitSnapshot | null;
}

/** The alert that covers the screen now, if one does: of two, one after the other. */
export function AlertOver({ terminal, visit }: AlertOverProps) {
  const call = useCall();
  if (terminal.health.is === 'out-of-service' || visit === null) {
    const gravest = terminal.alerts.find(isGrave);
    return gravest ? <AlertCover key={gravest.id} alert={gravest} onRead={null} /> : null;
  }
  const alert = terminal.alerts.find(({ id }) => id === visit.alert);
  if (!alert) return null;
  const isNobody = visit.step.at === 'attract' || visit.step.at === 'ended';
  const read = () => {
    // Whoever reads it stays at the terminal, and the next person meets it again.
    if (isNobody) call('visit.begin', { display: {} });
    call('visit.readAlert', { alert: alert.id });
  };
  return <AlertCover key={alert.id} alert={alert} onRead={read} />;
}
