// Lets the next test go on in the same document, which saves it most of its time.
const endings: (() => void)[] = [];
let isSpoilt = false;

/** Runs `end` when the test is over. */
export function atEnd(end: () => void): void {
  endings.push(end);
}

/** The document is not used again, because the test leaves something in it that goes on or that later tests would meet. */
export function spoilDocument(): void {
  isSpoilt = true;
}

/** Ends what the test has made. Returns true if the next test may go on in the document. */
export function endTest(): boolean {
  for (const end of endings.splice(0)) end();
  return !isSpoilt;
}
