import { describe, expect, it } from 'vitest';
import { idChoice, storeIdChoice } from '../../../extension/background/id-choice';
import { DEFAULT_POLICY } from '../../../src/sites/policy/policy';
import { SiteLedger } from '../../../src/sites/site-ledger';
import { WriteQueue } from '../../../src/sites/records/write-queue';
import { MemoryStore } from '../../support/fakes/memory-store';
import { ORIGIN } from '../../support/fakes/site-documents';

const KEY = `settings:${ORIGIN}`;
const site = { origin: ORIGIN, isPrivate: false };

function makeLedger(keepId: boolean, records: Record<string, unknown> = {}, managedRecords = {}) {
  const [local, session] = [new MemoryStore(records), new MemoryStore()];
  const managed = new MemoryStore(managedRecords);
  const defaults = { ...DEFAULT_POLICY, keepId };
  return { local, session, ledger: new SiteLedger({ local, session, managed }, () => 42, new WriteQueue(), defaults) };
}

describe('the choice whether an ID is kept', () => {
  it.each([
    ['with the browser’s default', true, {}, true],
    ['with the browser’s default', false, {}, false],
    ['with the policy', false, { policy: { keepId: true } }, true],
    ['with the site’s setting', true, { policy: { keepId: true }, [KEY]: { keepId: false } }, false],
    ['with the site’s setting', false, { [KEY]: { keepId: true } }, true],
  ])('starts %s', async (_by, byDefault, records, isOn) => {
    expect(await idChoice(makeLedger(byDefault, records).ledger, site)).toEqual({ isOn, isManaged: false });
  });

  it('cannot be changed if an administrator has set it', async () => {
    const { ledger, local } = makeLedger(true, {}, { sites: [{ origin: ORIGIN, freshId: true }] });
    expect(await idChoice(ledger, site)).toEqual({ isOn: false, isManaged: true });
    expect(await storeIdChoice(ledger, site, 'always', true)).toBe(false);
    expect(local.records).toEqual({});
  });

  it.each(['always', 'once'] as const)('is stored for the site with the answer “%s”', async (answer) => {
    const { ledger, local } = makeLedger(true, { [KEY]: { calls: false } });
    expect(await storeIdChoice(ledger, site, answer, false)).toBe(true);
    expect(local.records).toEqual({ [KEY]: { calls: false, keepId: false } });
    expect(await storeIdChoice(ledger, site, answer, true)).toBe(true);
    expect(await idChoice(ledger, site)).toMatchObject({ isOn: true });
  });

  it.each(['block', 'dismiss'] as const)('is not stored with the answer “%s”', async (answer) => {
    const { ledger, local } = makeLedger(true);
    expect(await storeIdChoice(ledger, site, answer, false)).toBe(false);
    expect(local.records).toEqual({});
  });

  it('is not stored if it equals the default, so that the site follows a later change for all sites', async () => {
    const { ledger, local } = makeLedger(false);
    expect(await storeIdChoice(ledger, site, 'always', false)).toBe(false);
    expect(await storeIdChoice(ledger, site, 'always', undefined)).toBe(false);
    expect(local.records).toEqual({});
  });

  it('is deleted with the last private window if it was made in one', async () => {
    const { ledger, local, session } = makeLedger(true);
    const privately = { ...site, isPrivate: true };
    await storeIdChoice(ledger, privately, 'always', false);
    expect(local.records).toEqual({});
    expect(await idChoice(ledger, privately)).toMatchObject({ isOn: false });
    await ledger.tabs.forgetPrivate();
    expect(session.records).toEqual({});
  });
});
