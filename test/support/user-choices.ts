// What a user has once chosen in a profile, written straight into the extension's storage.
import type { Policy, SiteSettings } from '../../src/protocol/ui-messages';

/** A profile with the extension, in whichever browser. */
export abstract class UserChoices {
  /** Evaluates in a page of the extension, which may do what its background may, and is there when that one is not. */
  protected abstract inExtension<Value>(script: (argument: string) => Promise<Value>, argument: string): Promise<Value>;

  /** Stands in for a user who once chose "Always allow" for this origin; of an embedded one: `<origin> <top origin>`. */
  async allow(origin: string): Promise<void> {
    await this.inExtension(async (key) => {
      await chrome.storage.local.set({ [key]: { decision: 'allow', servers: [], decidedAt: Date.now() } });
    }, grantKey(origin));
  }

  /** Takes the origin back to "never asked". */
  async forget(origin: string): Promise<void> {
    await this.inExtension((key) => chrome.storage.local.remove(key), grantKey(origin));
  }

  /** Stands in for a user who has set these members of the policy, and left the others. */
  async setPolicy(policy: Partial<Policy>): Promise<void> {
    await this.inExtension(async (record) => {
      await chrome.storage.local.set({ policy: JSON.parse(record) as unknown });
    }, JSON.stringify(policy));
  }

  /** Stands in for a user who has set this for the origin, and nothing else. */
  async setSettings(origin: string, settings: SiteSettings): Promise<void> {
    await this.inExtension(
      async (record) => {
        const [key, settings] = JSON.parse(record) as [string, SiteSettings];
        await chrome.storage.local.set({ [key]: settings });
      },
      JSON.stringify([`settings:${origin}`, settings]),
    );
  }

  /** Everything that the extension has stored for good. */
  async stored(): Promise<Record<string, unknown>> {
    return this.inExtension(() => chrome.storage.local.get(null), '');
  }

  /** What is stored of the user's decision about this origin. */
  async grantOf(origin: string): Promise<unknown> {
    return this.inExtension(async (key) => (await chrome.storage.local.get(key))[key], grantKey(origin));
  }
}

function grantKey(origin: string): string {
  return `grant:${origin}`;
}
