// The mark in the site's own storage, by which the background notices that the user has cleared it: one record in an IndexedDB
// database of the page's origin, in the storage that the browser gives the document (a frame has one for each site around it).
// IndexedDB, because pages call `localStorage.clear()` for reasons of their own. The page can read and delete the mark, and
// gains by it what it could have by any record of its own.
import type { MarkReport } from '../../src/protocol/control-messages';

const DATABASE = 'peerport';
const STORE = 'mark';
const KEY = 'mark';

/** To read the mark takes milliseconds. A page that blocks its own database waits no longer than this, and gets no kept ID. */
const TIME_LIMIT_MS = 1_000;

/** Leaves no trace where there is no mark. */
export function readMark(): Promise<MarkReport> {
  const tooLate = new Promise<MarkReport>((resolve) =>
    setTimeout(() => resolve({ status: 'unusable' }), TIME_LIMIT_MS),
  );
  return Promise.race([tooLate, look().catch((): MarkReport => ({ status: 'unusable' }))]);
}

/** Where there is one already, it stays: another document of the site was quicker. Fails silently: the next visit finds none. */
export async function writeMark(value: string): Promise<void> {
  // Without the mark the site gets a new ID on the next visit, which is what a storage that keeps nothing comes to.
  const database = await open(true).catch(() => undefined);
  try {
    const store = database?.transaction(STORE, 'readwrite').objectStore(STORE);
    if (store && (await done(store.count(KEY))) === 0) await done(store.add(value, KEY));
  } catch {
    // As above.
  } finally {
    database?.close();
  }
}

async function look(): Promise<MarkReport> {
  const database = await open(false);
  if (!database) return { status: 'unmarked' };
  try {
    const value: unknown = await done(database.transaction(STORE, 'readonly').objectStore(STORE).get(KEY));
    return typeof value === 'string' ? { status: 'marked', value } : { status: 'unmarked' };
  } finally {
    database.close();
  }
}

function open(isToCreate: true): Promise<IDBDatabase>;
function open(isToCreate: false): Promise<IDBDatabase | undefined>;
/** Returns the site's database, or undefined where the site has none and none is to be created. Rejects where the site may store nothing. */
function open(isToCreate: boolean): Promise<IDBDatabase | undefined> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE);
    let isMissing = false;
    request.onupgradeneeded = () => {
      isMissing = !isToCreate;
      if (isToCreate) request.result.createObjectStore(STORE);
      // The browser takes the database back that it was about to make.
      else request.transaction!.abort();
    };
    request.onsuccess = () => {
      // The page may delete the database at any time.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = (event) => {
      event.preventDefault();
      if (isMissing) resolve(undefined);
      else reject(request.error ?? new Error('The database cannot be opened.'));
    };
  });
}

function done<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('The record cannot be read or written.'));
  });
}
