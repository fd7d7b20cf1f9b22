/** The parts of a receipt number (收件号, R6). */
export interface ReceiptParts {
  /** Six digits. */
  readonly region: string;
  /** Four digits, unique within the region. */
  readonly terminal: string;
  readonly incarnation: number;
  /** Local day of acceptance, `YYYY-MM-DD`. */
  readonly day: string;
  /** 1, 2, 3 ... within the day. */
  readonly sequence: number;
}

/** ISO 7064 MOD 11-2 over all digits; `0`..`9` or `X`. It finds every changed digit and every swap of neighbours. */
export function checkCharacter(digits: string): string {
  let sum = 0;
  for (const digit of digits) sum = ((sum + Number(digit)) * 2) % 11;
  const check = (12 - sum) % 11;
  return check === 10 ? 'X' : String(check);
}

/** `RRRRRR-TTTTII-YYMMDD-SSSS-C`. */
export function formatReceiptNumber(parts: ReceiptParts): string {
  const body = [
    parts.region,
    parts.terminal + String(parts.incarnation).padStart(2, '0'),
    parts.day.slice(2).replaceAll('-', ''),
    String(parts.sequence).padStart(4, '0'),
  ].join('-');
  return `${body}-${checkCharacter(body.replaceAll('-', ''))}`;
}

/** Whether a receipt number has the right form and check character. */
export function isReceiptNumber(text: string): boolean {
  const parts = /^(\d{6}-\d{6,}-\d{6}-\d{4,})-([\dX])$/.exec(text);
  return parts?.[1] !== undefined && checkCharacter(parts[1].replaceAll('-', '')) === parts[2];
}
