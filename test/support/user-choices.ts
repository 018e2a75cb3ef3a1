// Stands in for earlier choices of the user, by writing them into the extension's storage.
import type { SiteSettings } from '../../src/protocol/site-settings';
import type { Policy } from '../../src/protocol/ui-messages';

/** A profile with the extension, in either browser. */
export abstract class UserChoices {
  /** Evaluates in the extension with the background's rights, also while the background is stopped. */
  protected abstract inExtension<Value>(script: (argument: string) => Promise<Value>, argument: string): Promise<Value>;

  /**
   * The same in a page opened for this call. Records are read there: opening a page takes longer than the background's writes, so a
   * test sees a record that should not have been written.
   */
  protected abstract inNewPage<Value>(script: (argument: string) => Promise<Value>, argument: string): Promise<Value>;

  /** Stands in for a user who chose "Always allow" for this origin. An embedded site is `<origin> <top origin>`. */
  async allow(origin: string): Promise<void> {
    await this.inExtension(async (key) => {
      await chrome.storage.local.set({ [key]: { decision: 'allow', servers: [], decidedAt: Date.now() } });
    }, grantKey(origin));
  }

  /** Forgets the decision about the origin. */
  async forget(origin: string): Promise<void> {
    await this.inExtension((key) => chrome.storage.local.remove(key), grantKey(origin));
  }

  /** Stands in for a user who has set these members of the policy, and no others. */
  async setPolicy(policy: Partial<Policy>): Promise<void> {
    await this.inExtension(async (record) => {
      await chrome.storage.local.set({ policy: JSON.parse(record) as unknown });
    }, JSON.stringify(policy));
  }

  /** Stands in for a user who has chosen these settings for the origin, and no others. */
  async setSettings(origin: string, settings: SiteSettings): Promise<void> {
    await this.inExtension(
      async (record) => {
        const [key, settings] = JSON.parse(record) as [string, SiteSettings];
        await chrome.storage.local.set({ [key]: settings });
      },
      JSON.stringify([`settings:${origin}`, settings]),
    );
  }

  /** Everything in the extension's `storage.local`, except the version of the records, which the background writes at first. */
  async stored(): Promise<Record<string, unknown>> {
    const { version: _, ...records } = await this.inNewPage(() => chrome.storage.local.get(null), '');
    return records;
  }

  /** Replaces everything in the extension's `storage.local`. Stop the background first: it may remember what it has read. */
  async replaceStored(records: Record<string, unknown>): Promise<void> {
    await this.inExtension(async (text) => {
      await chrome.storage.local.clear();
      await chrome.storage.local.set(JSON.parse(text) as Record<string, unknown>);
    }, JSON.stringify(records));
  }

  /** The stored decision about this origin; undefined if there is none. */
  async grantOf(origin: string): Promise<unknown> {
    return this.inNewPage(async (key) => (await chrome.storage.local.get(key))[key], grantKey(origin));
  }
}

function grantKey(origin: string): string {
  return `grant:${origin}`;
}
