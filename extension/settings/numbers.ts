// Numbers as they are typed.

/** The whole number that the text is, if it is one from 1 to `most`. */
export function parseCount(text: string, most: number): number | undefined {
  if (!/^\d{1,15}$/.test(text)) return undefined;
  const count = Number(text);
  return count >= 1 && count <= most ? count : undefined;
}
