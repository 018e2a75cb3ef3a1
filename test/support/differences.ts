// All intended differences between Peerport and PeerJS 1.5.5. A test that expects a difference names it; everything else has to be
// equal.
import type { Outcome } from '../pages/kit/kit';
import type { Family } from '../pages/kit/payloads';

export const DIFFERENCES = {
  rawTooBig: 'PeerJS closes both ends without an error; Peerport emits message-too-big and keeps the connection',
  noneIsRaw: 'PeerJS documents the type `none` but throws TypeError; Peerport treats it as raw',
  queuedConnect: 'PeerJS loses an offer made before `open`; Peerport queues it until then',
  destroyClosesAll: 'PeerJS skips every second connection to one peer in destroy(); Peerport closes all',
  errorsSpeak: 'PeerJS loses the message of an error it wraps; Peerport keeps one',
  failedDialTells: 'PeerJS reports a failed dial on the Peer alone; Peerport also on the connection, which it removes',
  sendPromise: 'send() returns undefined in PeerJS; in Peerport a promise that settles when the host has the message',
  persistentId: 'PeerJS asks the server for a new ID each time; Peerport leases the kept one of the origin',
  longArrays: 'BinaryPack’s packer exhausts the stack at about 10 000 items; Peerport’s packer does not',
  nullArrives: 'PeerJS’s receiver fails on a message that is null; Peerport delivers it',
  selfProbe: 'Peerport sends itself a message to learn that it is registered if the server sends no OPEN',
  goneHangsUp: 'PeerJS leaves the call of a closed page in ICE state disconnected; Peerport hangs up for the page',
} as const;

/** Differences between PeerJS in Firefox and PeerJS in Chromium. */
export const FIREFOX_DIFFERENCES = {
  stackError: 'Firefox throws InternalError when a script has exhausted its stack, Chromium RangeError',
  ownName: 'PeerJS reports the name of its browser',
  closesOnExit: 'Firefox closes the data channels of a closed page, Chromium lets them time out',
} as const;

/** Why some tests are skipped in Firefox. */
export const NOT_IN_FIREFOX = {
  noRawLimit: 'Firefox takes raw messages of up to 1 GiB, which no test can send in a reasonable time',
  scalesDown: 'Firefox scales a large picture down while the machine is busy, so its size in a test is unpredictable',
} as const;

/** What Peerport delivers of payloads that PeerJS's receiver loses (`nullArrives`). */
export const PAYLOAD_DIFFERENCES: Record<Family, Record<string, Outcome>> = {
  binary: { null: { arrived: ['null'] }, undefined: { arrived: ['null'] } },
  large: {},
  json: { null: { arrived: ['null'] } },
  raw: {},
};

export type Difference = (typeof DIFFERENCES)[keyof typeof DIFFERENCES];
export type FirefoxDifference = (typeof FIREFOX_DIFFERENCES)[keyof typeof FIREFOX_DIFFERENCES];
export type FirefoxExclusion = (typeof NOT_IN_FIREFOX)[keyof typeof NOT_IN_FIREFOX];
