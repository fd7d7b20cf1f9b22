import { computeAccessibleDescription, computeAccessibleName } from 'dom-accessibility-api';
import type { useWords } from '../i18n/words.ts';

type T = ReturnType<typeof useWords>['t'];

const CONTROL = 'button, input, [role="img"][tabindex="0"], [role="group"][tabindex="0"]';
const DIALOG = '[role="dialog"], [role="alertdialog"]';
/** What stands within a line. */
const INLINE = new Set(['SPAN', 'B', 'I']);
/** Keys of which nobody may hear which one is pressed. */
const SECRET = '[data-secret="true"]';
const HIDDEN = `[aria-hidden="true"], ${SECRET}, svg:not([role="img"]), script, style, template`;

/** The control that a focus or a change is about, or null. */
export function controlAt(target: EventTarget | null): HTMLElement | SVGElement | null {
  if (!(target instanceof HTMLElement || target instanceof SVGElement)) return null;
  return target.matches(CONTROL) && !target.closest(SECRET) ? target : null;
}

export function dialogAt(target: EventTarget | null): Element | null {
  return target instanceof Element ? target.closest(DIALOG) : null;
}

/** What a control is called, what it is and how it is; what is wrong with it or asked by it comes last. */
export function controlWords(control: Element, t: T): string {
  const group = control.closest('[role="radiogroup"]');
  const role = roleOf(control);
  const stop = t('speech.stop');
  const parts = [
    group ? computeAccessibleName(group) : '',
    // What stands apart within a control is told with a pause.
    computeAccessibleName(control).replaceAll(/(?<=\p{Script=Han}) +(?=\p{Script=Han})/gu, stop),
    role ? t(`speech.role.${role}`) : '',
    stateWords(control, t),
    computeAccessibleDescription(control),
    group ? computeAccessibleDescription(group) : '',
  ];
  return [...new Set(parts.map((part) => part.trim()))].filter((part) => part !== '').join(stop);
}

/** How a control is: chosen, filled in, not to be pressed; empty where there is nothing to say. */
export function stateWords(control: Element, t: T): string {
  const off = control.matches(':disabled, [aria-disabled="true"]') ? t('speech.state.disabled') : '';
  if (!(control instanceof HTMLInputElement)) {
    const checked = control.getAttribute('aria-checked');
    return checked === null ? off : t(checked === 'true' ? 'speech.state.checked' : 'speech.state.unchecked');
  }
  if (control.type === 'radio' || control.type === 'checkbox') {
    return t(control.checked ? 'speech.state.checked' : 'speech.state.unchecked');
  }
  // Character by character: what was typed is to be checked by ear.
  return control.value === '' ? t('speech.state.empty') : control.value.replaceAll(/(?<=.)(?=.)/gu, ' ');
}

function roleOf(control: Element) {
  const type = control instanceof HTMLInputElement ? control.type : '';
  if (type === 'checkbox') return 'checkbox';
  if (type === 'radio' || control.getAttribute('role') === 'radio') return 'radio';
  if (control instanceof HTMLInputElement) return 'textbox';
  return control instanceof HTMLButtonElement ? 'button' : null;
}

/** All that stands below an element, from its top, a line each; controls as {@link controlWords} tells them. */
export function wordsBelow(root: Element, t: T): string[] {
  const lines: string[] = [];
  let line = '';
  const end = () => {
    const words = line.replaceAll(/\s+/g, ' ').trim();
    if (words !== '') lines.push(words);
    line = '';
  };
  const walk = (node: Node): void => {
    if (node instanceof Text) line += node.data;
    if (!(node instanceof Element) || node.matches(HIDDEN)) return;
    // What only turns the page for eyes has its content read anyway.
    const control = node.matches('[role="group"]') ? null : (controlAt(node) ?? controlOf(node));
    if (control) {
      end();
      lines.push(controlWords(control, t));
      return;
    }
    const apart = !INLINE.has(node.tagName);
    if (apart) end();
    for (const child of node.childNodes) walk(child);
    if (apart) end();
  };
  walk(root);
  end();
  return lines;
}

/** A tick or a tile: a label around its input. */
function controlOf(node: Element): Element | null {
  return node.tagName === 'LABEL' ? node.querySelector('input') : null;
}
