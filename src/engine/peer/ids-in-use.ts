// Which IDs are alive in this browser, a registry a PeerServer and a site: no two Peers of one site hold one ID at once.
// Between sites the server decides: were a site told here, without a dial, that another one holds an ID, it could find out
// what this browser does elsewhere, in a private window or in a container.
import type { Site } from '../../protocol/control-messages';
import { siteKey } from '../../protocol/same-site';

export class IdsInUse {
  readonly #owners = new Map<string, object>();

  /** False where another owner in the site has the ID. */
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
