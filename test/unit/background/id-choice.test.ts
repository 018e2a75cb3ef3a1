import { describe, expect, it } from 'vitest';
import { idChoice, keepIdChoice } from '../../../extension/background/id-choice';
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
    ['as the browser’s default says', true, {}, true],
    ['as the browser’s default says', false, {}, false],
    ['as the policy says', false, { policy: { keepId: true } }, true],
    ['as the site’s setting says', true, { policy: { keepId: true }, [KEY]: { keepId: false } }, false],
    ['as the site’s setting says, under its former name', true, { [KEY]: { freshId: true } }, false],
    ['as the site’s setting says, under its former name', false, { [KEY]: { freshId: false } }, true],
  ])('begins %s', async (_by, byDefault, records, isOn) => {
    expect(await idChoice(makeLedger(byDefault, records).ledger, site)).toEqual({ isOn, isManaged: false });
  });

  it('is an administrator’s where they have set it', async () => {
    const { ledger, local } = makeLedger(true, {}, { sites: [{ origin: ORIGIN, freshId: true }] });
    expect(await idChoice(ledger, site)).toEqual({ isOn: false, isManaged: true });
    expect(await keepIdChoice(ledger, site, 'always', true)).toBe(false);
    expect(local.records).toEqual({});
  });

  it.each(['always', 'once'] as const)('is kept with the answer “%s”, as the site’s', async (answer) => {
    const { ledger, local } = makeLedger(true, { [KEY]: { calls: false } });
    expect(await keepIdChoice(ledger, site, answer, false)).toBe(true);
    expect(local.records).toEqual({ [KEY]: { calls: false, keepId: false } });
    expect(await keepIdChoice(ledger, site, answer, true)).toBe(true);
    expect(await idChoice(ledger, site)).toMatchObject({ isOn: true });
  });

  it.each(['block', 'dismiss'] as const)('is not kept with the answer “%s”', async (answer) => {
    const { ledger, local } = makeLedger(true);
    expect(await keepIdChoice(ledger, site, answer, false)).toBe(false);
    expect(local.records).toEqual({});
  });

  it('leaves nothing behind where it is as it would be anyway, so that it follows a later change for all sites', async () => {
    const { ledger, local } = makeLedger(false);
    expect(await keepIdChoice(ledger, site, 'always', false)).toBe(false);
    expect(await keepIdChoice(ledger, site, 'always', undefined)).toBe(false);
    expect(local.records).toEqual({});
  });

  it('for a private window goes with it', async () => {
    const { ledger, local, session } = makeLedger(true);
    const privately = { ...site, isPrivate: true };
    await keepIdChoice(ledger, privately, 'always', false);
    expect(local.records).toEqual({});
    expect(await idChoice(ledger, privately)).toMatchObject({ isOn: false });
    await ledger.forgetPrivate();
    expect(session.records).toEqual({});
  });
});
