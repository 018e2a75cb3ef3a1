// Reads and writes the mark in the site's own storage. The mark's absence shows the background that the user has cleared the
// site's data. The mark is one record in an IndexedDB database of the page's origin; browsers partition this storage, so a
// frame has a separate mark for each site around it. IndexedDB, because pages call `localStorage.clear()` for reasons of
// their own. The page can read and delete the mark, but gains nothing that a record of its own would not give it.
import type { MarkReport } from '../../src/protocol/control-messages';

const DATABASE = 'peerport';
const STORE = 'mark';
const KEY = 'mark';

/** Reading the mark takes milliseconds. A page that blocks its own database waits this long, and then gets no saved ID. */
const READING_LIMIT_MS = 1_000;
/** Writing the mark, once per site, takes milliseconds. A page that blocks its own database waits this long, and gets a new ID on the next visit. */
const WRITING_LIMIT_MS = 5_000;

/** Creates no database if the site has none. */
export function readMark(): Promise<MarkReport> {
  return within(READING_LIMIT_MS, look(), { status: 'unusable' });
}

/**
 * Resolves when the mark is stored. Keeps a mark that another document of the site has written meanwhile. Resolves also if the
 * storage takes no mark: the site then gets a new ID on the next visit, which is right for a storage that retains nothing.
 */
export function writeMark(value: string): Promise<void> {
  return within(WRITING_LIMIT_MS, write(value), undefined);
}

async function write(value: string): Promise<void> {
  const database = await open(true);
  try {
    const transaction = database.transaction(STORE, 'readwrite');
    const store = transaction.objectStore(STORE);
    const addIfMissing = async (): Promise<void> => {
      if ((await done(store.count(KEY))) === 0) store.add(value, KEY);
    };
    await Promise.all([addIfMissing(), completed(transaction)]);
  } finally {
    database.close();
  }
}

/** The promise's value, or `otherwise` if it rejects or takes longer. */
function within<Value>(limitMs: number, promise: Promise<Value>, otherwise: Value): Promise<Value> {
  const tooLate = new Promise<Value>((resolve) => setTimeout(() => resolve(otherwise), limitMs));
  return Promise.race([tooLate, promise.catch(() => otherwise)]);
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
/** Opens the site's database. Undefined if it does not exist and `isToCreate` is false. Rejects if the site may store nothing. */
function open(isToCreate: boolean): Promise<IDBDatabase | undefined> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE);
    let isMissing = false;
    request.onupgradeneeded = () => {
      isMissing = !isToCreate;
      if (isToCreate) request.result.createObjectStore(STORE);
      // Aborting makes the browser discard the new database.
      else request.transaction!.abort();
    };
    request.onsuccess = () => {
      // An open connection would block the page from deleting the database.
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

/** Resolves when the transaction is stored. Until then, even after its requests have succeeded, a closing page drops it. */
function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('The record cannot be stored.'));
  });
}

function done<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('The record cannot be read or written.'));
  });
}
