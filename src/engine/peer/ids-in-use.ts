// The IDs in use in this browser, per site and PeerServer, so that no two Peers of one site have the same ID at once.
// Between sites the server decides. If a claim failed here, without a dial, because another site uses the ID, a site
// could find out what this browser does at other sites, in private windows or in containers.
import type { Site } from '../../protocol/control-messages';
import { siteKey } from '../../protocol/same-site';

export class IdsInUse {
  readonly #owners = new Map<string, object>();

  /** False if another owner in the site has the ID. */
  claim(site: Site, serverUrl: string, id: string, owner: object): boolean {
    const key = keyOf(site, serverUrl, id);
    const current = this.#owners.get(key);
    if (current && current !== owner) return false;
    this.#owners.set(key, owner);
    return true;
  }

  release(site: Site, serverUrl: string, id: string, owner: object): void {
    const key = keyOf(site, serverUrl, id);
    if (this.#owners.get(key) === owner) this.#owners.delete(key);
  }
}

function keyOf(site: Site, serverUrl: string, id: string): string {
  return JSON.stringify([siteKey(site), serverUrl, id]);
}
