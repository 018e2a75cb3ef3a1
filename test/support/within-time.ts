// A wait with an end, for what may never happen.

/** Rejects with the name of what did not happen in time. */
export async function withinTime<Value>(what: string, happening: Promise<Value>, limitMs: number): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${limitMs / 1000} s`)), limitMs);
  });
  return Promise.race([happening, late]).finally(() => clearTimeout(timer));
}
