// Formats numbers for people, and hashes files.

const UNITS = ['B', 'kB', 'MB', 'GB'];

/** In decimal units, like file managers and networks. */
export function formatBytes(bytes) {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const value = bytes / 1000 ** power;
  return `${value.toFixed(power > 0 && value < 100 ? 1 : 0)} ${UNITS[power]}`;
}

export function formatSpeed(bytes, ms) {
  return ms > 0 ? `${formatBytes((bytes / ms) * 1000)}/s` : '';
}

export function formatMs(ms) {
  return ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** As minutes and seconds, `1:05`. */
export function formatDuration(ms) {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** SHA-256 of a Blob in hexadecimal. The browser hashes in another thread, and needs the whole Blob in memory. */
export async function sha256(blob) {
  const digest = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
