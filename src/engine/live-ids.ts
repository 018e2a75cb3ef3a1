// Which IDs are alive in this browser, a registry a PeerServer: no two Peers of ours hold one ID at once.

export class LiveIds {
  readonly #owners = new Map<string, object>();

  /** False where another owner has the ID. */
  claim(serverUrl: string, id: string, owner: object): boolean {
    const key = `${serverUrl} ${id}`;
    const current = this.#owners.get(key);
    if (current && current !== owner) return false;
    this.#owners.set(key, owner);
    return true;
  }

  release(serverUrl: string, id: string, owner: object): void {
    const key = `${serverUrl} ${id}`;
    if (this.#owners.get(key) === owner) this.#owners.delete(key);
  }
}
