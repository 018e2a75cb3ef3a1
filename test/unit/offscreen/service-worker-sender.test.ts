import { describe, expect, it } from 'vitest';
import { serviceWorkerSender } from '../../../extension/offscreen/service-worker-sender';
import type { Sender } from '../../../src/channel/control';

const EXTENSION = 'peerport-id';
const ORIGIN = `chrome-extension://${EXTENSION}`;
const serviceWorker: Sender = { id: EXTENSION, origin: ORIGIN, url: `${ORIGIN}/service-worker.js` };

const recognize = (sender: Sender) => serviceWorkerSender(EXTENSION, `${ORIGIN}/`).recognize(sender, undefined);

describe('sender of the background’s requests in Chrome', () => {
  it('is the service worker', () => {
    expect(recognize(serviceWorker)).toBe(true);
  });

  it.each<[who: string, sender: Sender]>([
    ['a content script', { id: EXTENSION, url: 'https://chat.example/', documentId: 'd', tab: { incognito: false } }],
    ['a content script whose page another extension embeds', { id: EXTENSION, url: 'https://chat.example/' }],
    ['a page of the extension in a tab', { ...serviceWorker, documentId: 'd', tab: { incognito: false } }],
    ['the panel, which has no tab', { ...serviceWorker, documentId: 'd' }],
    ['a context in a tab', { ...serviceWorker, tab: { incognito: false } }],
    ['another extension', { ...serviceWorker, id: 'stranger' }],
    ['a page of another extension', { id: EXTENSION, url: 'chrome-extension://stranger/service-worker.js' }],
    ['a sender without an address', { id: EXTENSION }],
  ])('is not %s', (_who, sender) => {
    expect(recognize(sender)).toBeUndefined();
  });
});
