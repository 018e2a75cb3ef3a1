// Everything in which Peerport is meant to differ from PeerJS 1.5.5, in one place. A test that expects a difference
// names it; whatever is not named here has to be equal.
import type { Outcome } from '../pages/kit/kit';
import type { Family } from '../pages/kit/payloads';

export const DIFFERENCES = {
  rawTooBig: 'PeerJS closes both ends without a word; Peerport says message-too-big and keeps the link',
  noneIsRaw: 'PeerJS names the type `none` in its documentation and throws TypeError; Peerport takes it for raw',
  queuedConnect: 'PeerJS loses an offer made before `open`; Peerport keeps it until then',
  destroyClosesAll: 'PeerJS skips every second connection to one peer in destroy(); Peerport closes all',
  errorsSpeak: 'PeerJS loses the message of an error it wraps; Peerport keeps one',
  failedDialTells: 'PeerJS tells a failed dial to the Peer alone; Peerport tells the connection, too, and drops it',
  sendPromise: 'PeerJS returns undefined from send(); Peerport a promise that settles when the host has the message',
  persistentId: 'PeerJS asks the server for an ID each time; Peerport leases the lasting one of the origin',
  longArrays: 'BinaryPack’s packer runs out of stack at some 10 000 items; Peerport’s has no such limit',
  nullArrives: 'PeerJS’s receiver fails at a message that is null; Peerport’s delivers it',
  selfProbe: 'Peerport sends itself a message to learn that it is registered where the server says no OPEN',
  goneHangsUp: 'PeerJS leaves a call of a page that is gone in ICE state disconnected; Peerport hangs up for the page',
} as const;

/** Where one and the same PeerJS does in Firefox what it does not do in Chromium. */
export const FIREFOX_DIFFERENCES = {
  stackError: 'Firefox throws InternalError where a script has used up its stack, Chromium RangeError',
  ownName: 'PeerJS names the browser that it is in',
  closesOnExit: 'Firefox closes the data channels of a page that goes away, Chromium leaves them to a timeout',
} as const;

/** Why a test of an end in Firefox would show nothing. */
export const NOT_IN_FIREFOX = {
  noRawLimit: 'Firefox takes raw messages of up to 1 GiB, which no test can send in a reasonable time',
  scalesDown: 'Firefox makes a large picture smaller while the machine is busy, so its size in a test is anything',
} as const;

/** What a Peerport receiver makes of payloads that a PeerJS receiver loses (`nullArrives`). */
export const PAYLOAD_DIFFERENCES: Record<Family, Record<string, Outcome>> = {
  binary: { null: { arrived: ['null'] }, undefined: { arrived: ['null'] } },
  large: {},
  json: { null: { arrived: ['null'] } },
  raw: {},
};

export type Difference = (typeof DIFFERENCES)[keyof typeof DIFFERENCES];
export type FirefoxDifference = (typeof FIREFOX_DIFFERENCES)[keyof typeof FIREFOX_DIFFERENCES];
export type FirefoxExclusion = (typeof NOT_IN_FIREFOX)[keyof typeof NOT_IN_FIREFOX];
