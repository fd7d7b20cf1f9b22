/** Joins class names; a name that a style sheet does not have, or a condition that is false, falls out. */
export function classes(...names: readonly (string | false | undefined)[]): string {
  return names.filter((name) => typeof name === 'string').join(' ');
}
