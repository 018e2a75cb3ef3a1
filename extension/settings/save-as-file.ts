/** Makes the browser download `text` as a file of this name. */
export function saveAsFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Deferred, because the download starts only after the click's task.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
