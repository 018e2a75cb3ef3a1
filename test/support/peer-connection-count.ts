// Counts the RTCPeerConnections of a page or of the extension's host, which each have a constructor of their own.
import type { ExtendedBrowser } from './browser';
import type { DrivenPage } from './driven-page';

export interface PeerConnectionCount {
  /** Ever constructed, since the counting began. */
  made: number;
  /** Of those, not closed yet. */
  open: number;
}

/** Puts a constructor in place that remembers, and keeps no connection from being collected; a script for any document, as text. */
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

/** Loads the page anew with a counting constructor that is there before any script, the extension's included. */
export async function countInPage(page: DrivenPage): Promise<() => Promise<PeerConnectionCount>> {
  await page.addInitScript(COUNT);
  await page.reload();
  return () => page.evaluate(READ);
}

/** From now on; the host must be there. */
export async function countInHost(browser: ExtendedBrowser): Promise<() => Promise<PeerConnectionCount>> {
  await browser.evaluateInHost(COUNT);
  return () => browser.evaluateInHost(READ);
}
