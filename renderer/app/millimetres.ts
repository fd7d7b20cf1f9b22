/** Sets `--mm`, the pixels of a millimetre on this picture, and keeps it true when the window changes. */
export function fitMillimetres(view: Window, widthMm: number): void {
  const root = view.document.documentElement;
  const fit = () => {
    root.style.setProperty('--mm', `${view.innerWidth / widthMm}px`);
    root.dataset['turn'] = view.innerWidth > view.innerHeight ? 'landscape' : 'portrait';
  };
  fit();
  view.addEventListener('resize', fit);
}
