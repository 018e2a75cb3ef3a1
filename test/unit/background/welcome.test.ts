import { describe, expect, it, vi } from 'vitest';
import { selfTestDocument, welcome } from '../../../extension/background/welcome';
import { MemoryStore } from '../../support/fakes/memory-store';
import type { Sender } from '../../../src/channel/control';

const EXTENSION = 'peerport-id';
const ORIGIN = `chrome-extension://${EXTENSION}`;
const WELCOME = `${ORIGIN}/extension/welcome/index.html`;

function makeSender(sender: Partial<Sender> = {}): Sender {
  return {
    id: EXTENSION,
    origin: ORIGIN,
    url: WELCOME,
    documentId: 'document',
    frameId: 0,
    tab: { id: 5, url: WELCOME, incognito: false },
    ...sender,
  };
}

describe('welcome page', () => {
  it('is opened after installation, and never again', async () => {
    const openTab = vi.fn(async () => undefined);
    const local = new MemoryStore();
    for (const reason of ['update', 'chrome_update', 'shared_module_update', 'install', 'install']) {
      await welcome({ local, welcomeUrl: WELCOME, openTab }, reason);
    }
    expect(openTab.mock.calls).toEqual([[WELCOME]]);
  });
});

describe('document of the self-test', () => {
  it('is recognized only if the welcome page’s own document sent the message', () => {
    expect(selfTestDocument(makeSender(), EXTENSION, WELCOME)).toEqual({
      site: { origin: ORIGIN, isOpaque: false, isPrivate: false },
      tabId: 5,
      frameId: 0,
      documentId: 'document',
    });
  });

  it.each<[string, Partial<Sender>]>([
    ['another extension', { id: 'another' }],
    ['a web page', { origin: 'https://chat.example', url: 'https://chat.example/' }],
    ['a web page with the path of the welcome page', { url: 'https://chat.example/extension/welcome/index.html' }],
    ['another page of the extension', { url: `${ORIGIN}/extension/settings/index.html` }],
    ['a content script in the page', { origin: 'https://chat.example' }],
    ['a frame', { frameId: 3 }],
    ['a context without a tab', { tab: undefined }],
  ])('is undefined if the message comes from %s', (_who, sender) => {
    expect(selfTestDocument(makeSender(sender), EXTENSION, WELCOME)).toBeUndefined();
  });
});
