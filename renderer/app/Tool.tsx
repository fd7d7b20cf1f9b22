import { Button } from 'react-aria-components/Button';
import { Icon, type IconName } from '../ui/Icon.tsx';
import styles from './Frame.module.css';

interface ToolProps {
  readonly icon: IconName;
  readonly words: string;
  readonly marked?: boolean;
  readonly onPress: () => void;
}

/** A control of the bars: an icon over a word or two. */
export function Tool({ icon, words, marked = false, onPress }: ToolProps) {
  return (
    <Button className={styles['tool'] ?? ''} data-marked={marked} onPress={onPress}>
      <Icon name={icon} />
      <span>{words}</span>
    </Button>
  );
}
