// A wait with a deadline, for events that may never happen.

/** Settles like `happening`, or rejects after `limitMs` with an error that names `what`. */
export async function withinTime<Value>(what: string, happening: Promise<Value>, limitMs: number): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${limitMs / 1000} s`)), limitMs);
  });
  return Promise.race([happening, late]).finally(() => clearTimeout(timer));
}
