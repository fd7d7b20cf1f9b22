/** Does `work` for all, at most `width` at a time; the results stand in the order of what was given. */
export async function atOnce<T, R>(width: number, given: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = given.entries();
  const worker = async () => {
    for (const [i, one] of left) results[i] = await work(one);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
