// Parses typed numbers.

/** The whole number in `text` if it is from 1 to `most`, else undefined. */
export function parseCount(text: string, most: number): number | undefined {
  if (!/^\d{1,15}$/.test(text)) return undefined;
  const count = Number(text);
  return count >= 1 && count <= most ? count : undefined;
}
