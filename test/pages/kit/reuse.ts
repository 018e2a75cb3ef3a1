// Ends what a test has made in its document, so that the next test can use it: loading another takes longer than most tests.
const endings: (() => void)[] = [];
let isSpoilt = false;

/** Runs `end` when the test is over. */
export function atEnd(end: () => void): void {
  endings.push(end);
}

/** Keeps later tests out of this document. Call it if the test leaves something that cannot be ended. */
export function spoilDocument(): void {
  isSpoilt = true;
}

/** Ends what the test has made. Returns true if the next test may use the document. */
export function endTest(): boolean {
  for (const end of endings.splice(0)) end();
  return !isSpoilt;
}
