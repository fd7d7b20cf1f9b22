import { type RefObject, useEffect, useRef } from 'react';

/** Tells the pages how much of the lower half is taken by what always stands at the lower edge, as `--lower-edge`. */
export function useLowerEdge(): RefObject<HTMLDivElement | null> {
  const edge = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = edge;
    if (!current) return undefined;
    const tell = () => document.documentElement.style.setProperty('--lower-edge', `${current.offsetHeight}px`);
    const watch = new ResizeObserver(tell);
    watch.observe(current);
    tell();
    return () => watch.disconnect();
  }, []);
  return edge;
}
