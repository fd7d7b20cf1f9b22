import iconv from 'iconv-lite';

/** How many cells a text takes: a character of one byte in GB 18030 is one cell wide, any other two. */
export function width(text: string): number {
  let cells = 0;
  for (const character of text) cells += cellsOf(character);
  return cells;
}

function cellsOf(character: string): number {
  return (character.codePointAt(0) ?? 0) < 0x80 ? 1 : 2;
}

/** A text as it is printed: control characters could be commands to the printer, and what shows nothing takes no cell. */
export function printable(text: string): string {
  return text.toWellFormed().replace(/(?![\n\r])\p{Cc}|\p{Default_Ignorable_Code_Point}/gu, '');
}

/** GB 18030 bytes of one line. */
export function encodeText(line: string): Uint8Array {
  return iconv.encode(line, 'gb18030');
}

/** Marks that may not begin a line. */
const CLOSING = /^[，。、；：！？）》」』】〕”’…,.;:!?)\]}%]$/u;

/** Breaks a text into lines of at most `cells`; words stay whole where they can, closing marks never begin a line. */
export function wrap(text: string, cells: number): string[] {
  return text.split(/\r\n|[\n\r]/).flatMap((paragraph) => wrapParagraph(paragraph, cells));
}

function wrapParagraph(paragraph: string, cells: number): string[] {
  const lines: string[] = [];
  let line = '';
  const end = () => {
    lines.push(line.trimEnd());
    line = '';
  };
  for (const piece of pieces(paragraph, cells)) {
    if (width(line) + width(piece.trimEnd()) > cells) {
      const kept = CLOSING.test(piece) ? lastCharacter(line) : '';
      line = line.slice(0, line.length - kept.length);
      end();
      line = kept;
    }
    line += line === '' && lines.length > 0 ? piece.trimStart() : piece;
  }
  end();
  return lines;
}

/** The last character of a line that has more than one: a lone one stays where it is. */
function lastCharacter(line: string): string {
  const characters = Array.from(line);
  return characters.length > 1 ? (characters.at(-1) ?? '') : '';
}

/** What may not be broken: words (with their spaces), or one wide character; words wider than a line are broken. */
function pieces(paragraph: string, cells: number): string[] {
  const whole = paragraph.match(/[!-~]+ *| +|[^ -~]/gu) ?? [];
  return whole.flatMap((piece) => {
    if (width(piece.trimEnd()) <= cells) return [piece];
    const parts: string[] = [];
    for (let at = 0; at < piece.length; at += cells) parts.push(piece.slice(at, at + cells));
    return parts;
  });
}

/** A label at the left and a value at the right; a value that does not fit beside it takes several lines. */
export function pair(label: string, value: string, cells: number): string[] {
  const room = cells - width(label) - 1;
  if (width(value) <= room && !/[\n\r]/.test(value)) {
    return [label + ' '.repeat(cells - width(label) - width(value)) + value];
  }
  const whole = pieces(value, cells).every((piece) => width(piece.trimEnd()) <= room);
  const beside = whole && room >= cells / 2;
  const indent = ' '.repeat(beside ? cells - room : 2);
  const lines = wrap(value, cells - indent.length).map((line) => indent + line);
  return beside ? [label + (lines[0] ?? '').slice(width(label)), ...lines.slice(1)] : [...wrap(label, cells), ...lines];
}
