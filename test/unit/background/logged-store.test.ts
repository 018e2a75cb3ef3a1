import { expect, it } from 'vitest';
import { loggedStore } from '../../../extension/background/logged-store';
import { DiagnosticLog } from '../../../src/diagnostics/diagnostic-log';
import { MemoryStore } from '../../support/fakes/memory-store';

it('logs a failed write by store and error, and passes the error on', async () => {
  const log = new DiagnosticLog(() => 0);
  const full = new DOMException('quota of https://chat.example', 'QuotaExceededError');
  const broken = Object.assign(new MemoryStore(), { set: () => Promise.reject(full) });
  const store = loggedStore(broken, 'local', log.logger('storage'));
  await expect(store.set({ a: 1 })).rejects.toBe(full);
  expect(await store.get(['a'])).toEqual({});
  const fields = { store: 'local', error: 'QuotaExceededError' };
  expect(log.read().entries).toMatchObject([{ level: 'error', key: 'not-written', fields }]);
});
