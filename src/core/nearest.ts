import { closest, distance } from 'fastest-levenshtein';

/**
 * The candidate a person most likely meant by `word`, or undefined when none is near enough: a wrong
 * suggestion costs more than none.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const lower = word.toLowerCase();
  const best = closest(lower, [...candidates]);
  const near = Math.min(Math.max(2, Math.floor(best.length / 3)), best.length - 1);
  return distance(lower, best) <= near ? best : undefined;
}

/** ` Did you mean "x"?`, or the whole list when nothing is near; ready to stand in a message. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const guess = nearest(word, candidates);
  if (guess !== undefined) return `Did you mean "${guess}"?`;
  return candidates.length === 0 ? '' : `Known: ${candidates.join(', ')}.`;
}
