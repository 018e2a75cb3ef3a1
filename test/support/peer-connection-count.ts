// Counts the RTCPeerConnections of a page or of the extension's host, by replacing the constructor there.
import type { ExtendedBrowser } from './browser';
import type { DrivenPage } from './driven-page';

export interface PeerConnectionCount {
  /** How many were constructed since counting began. */
  made: number;
  /** How many of these are not closed. */
  open: number;
}

/** A script, as text, that replaces the constructor by a counting one. It holds weak references, so connections can be collected. */
const COUNT = `(() => {
  const Native = globalThis.RTCPeerConnection;
  const made = [];
  globalThis.RTCPeerConnection = class RTCPeerConnection extends Native {
    constructor(...args) {
      super(...args);
      made.push(new WeakRef(this));
    }
  };
  globalThis.__peerConnections = made;
})()`;

const READ = `({
  made: globalThis.__peerConnections.length,
  open: globalThis.__peerConnections.filter((made) => (made.deref()?.signalingState ?? 'closed') !== 'closed').length,
})`;

/** Reloads the page with a counting constructor that is set before all scripts, even the extension's. */
export async function countInPage(page: DrivenPage): Promise<() => Promise<PeerConnectionCount>> {
  await page.addInitScript(COUNT);
  await page.reload();
  return () => page.evaluate(READ);
}

/** Counts in the host from now on. The host must be running. */
export async function countInHost(browser: ExtendedBrowser): Promise<() => Promise<PeerConnectionCount>> {
  await browser.evaluateInHost(COUNT);
  return () => browser.evaluateInHost(READ);
}
