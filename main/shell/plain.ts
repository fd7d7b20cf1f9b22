const DEEPEST = 16;

/**
 * Counts the characters and values of something that consists of plain objects, arrays, strings, finite numbers, booleans and
 * null only; stops as soon as the count passes the limit.
 * @returns the count, or `null` for anything else: bytes, dates, cycles, what is too deep or too large.
 */
export function plainSize(value: unknown, limit: number): number | null {
  let size = 0;
  const fits = (given: unknown, depth: number): boolean => {
    size += typeof given === 'string' ? 1 + given.length : 1;
    if (size > limit || depth > DEEPEST) return false;
    if (given === null || typeof given === 'boolean' || typeof given === 'string') return true;
    if (typeof given === 'number') return Number.isFinite(given);
    if (Array.isArray(given)) return given.every((item) => fits(item, depth + 1));
    if (typeof given !== 'object' || Object.getPrototypeOf(given) !== Object.prototype) return false;
    return Object.entries(given).every(([key, item]) => fits(key, depth) && fits(item, depth + 1));
  };
  return fits(value, 0) ? size : null;
}
