/** Has the browser save `text` as a download of this name. */
export function saveAsFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Not before the download has begun, which it does after the click's task.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
