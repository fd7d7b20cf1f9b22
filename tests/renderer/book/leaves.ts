import { type Book, summary } from './book.ts';

/** The book as one HTML page that opens from the disk: an index, a picture, and its looks side by side. */
export function leaves(book: Book, style: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Picture book</title>
<style>${style}</style>
</head>
<body>
<nav id="index" aria-label="Pages"></nav>
<main>
<header>
<h1 id="title"></h1>
<p id="told">${summary(book)}</p>
<label>Turn <select id="turn"></select></label>
<label>Look <select id="look"></select></label>
<p id="keys"><kbd>↑</kbd> <kbd>↓</kbd> page, <kbd>←</kbd> <kbd>→</kbd> look, <kbd>space</kbd> all looks</p>
</header>
<section id="pictures" aria-live="polite"></section>
</main>
<script type="application/json" id="book">${JSON.stringify(book).replaceAll('<', '\\u003c')}</script>
<script>(${leafThrough.toString()})();</script>
</body>
</html>
`;
}

/** Runs in the page. */
function leafThrough(): void {
  const element = (id: string): HTMLElement => {
    const found = document.getElementById(id);
    if (!found) throw new Error(`the page has no ${id}`);
    return found;
  };
  const book = JSON.parse(element('book').textContent ?? '') as Book;
  const turn = element('turn') as HTMLSelectElement;
  const look = element('look') as HTMLSelectElement;
  const names = book.pages.map(({ name }) => name);
  let page = decodeURIComponent(location.hash.slice(1)) || (names[0] ?? '');
  let all = false;

  const troubled = (name: string): boolean =>
    book.pictures.some((picture) => picture.page === name && picture.problems.length > 0) ||
    book.missing.some((file) => file.endsWith(`/${name}.png`));

  const figure = (look: string): HTMLElement => {
    const picture = book.pictures.find((one) => one.turn === turn.value && one.look === look && one.page === page);
    const whole = document.createElement('figure');
    const words = document.createElement('figcaption');
    words.textContent = [look, ...(picture ? picture.problems : ['missing'])].join(' · ');
    words.dataset['bad'] = String(!picture || picture.problems.length > 0);
    if (picture) {
      const image = new Image();
      image.src = picture.file;
      image.alt = `${page}, ${picture.turn}, ${look}`;
      whole.append(image);
    }
    whole.append(words);
    return whole;
  };

  const show = (): void => {
    const { title, state } = book.pages.find(({ name }) => name === page) ?? { title: page, state: '' };
    element('title').textContent = state === '' ? title : `${title}: ${state}`;
    const pictures = element('pictures');
    pictures.dataset['all'] = String(all);
    pictures.dataset['turn'] = turn.value;
    pictures.replaceChildren(...(all ? book.looks : [look.value]).map(figure));
    for (const link of document.querySelectorAll('#index a')) {
      const isHere = link.getAttribute('href') === `#${page}`;
      if (isHere) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
      if (isHere) link.scrollIntoView({ block: 'nearest' });
    }
  };

  const step = <T>(list: readonly T[], now: T, by: number): T =>
    list[(list.indexOf(now) + by + list.length) % list.length] ?? now;

  for (const [select, values] of [[turn, book.turns] as const, [look, book.looks] as const]) {
    select.append(...values.map((value) => new Option(value)));
    select.addEventListener('change', show);
  }
  let heading = '';
  for (const { name, state, title } of book.pages) {
    if (title !== heading) {
      const words = document.createElement('h2');
      words.textContent = title;
      element('index').append(words);
      heading = title;
    }
    const link = document.createElement('a');
    link.href = `#${name}`;
    link.textContent = state === '' ? 'as most people meet it' : state;
    link.dataset['bad'] = String(troubled(name));
    element('index').append(link);
  }
  addEventListener('hashchange', () => {
    page = decodeURIComponent(location.hash.slice(1));
    show();
  });
  addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      location.hash = step(names, page, event.key === 'ArrowDown' ? 1 : -1);
    } else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
      look.value = step(book.looks, look.value, event.key === 'ArrowRight' ? 1 : -1);
      show();
    } else if (event.key === ' ') {
      all = !all;
      show();
    } else {
      return;
    }
    event.preventDefault();
  });
  show();
}
