import { describe, expect, it } from 'vitest';
import { isUserPage, siteDocument } from '../../../extension/background/sender';
import type { Sender } from '../../../src/channel/control';

const EXTENSION = 'peerport-id';

function makeSender(sender: Partial<Sender> = {}): Sender {
  return {
    id: EXTENSION,
    origin: 'https://chat.example',
    url: 'https://chat.example/room',
    documentId: 'document',
    frameId: 0,
    tab: { id: 5, url: 'https://chat.example/room', incognito: false },
    ...sender,
  };
}

describe('document of a sender', () => {
  it('is the top document of a site', () => {
    expect(siteDocument(makeSender(), EXTENSION)).toEqual({
      site: { origin: 'https://chat.example', isOpaque: false, isPrivate: false },
      tabId: 5,
      frameId: 0,
      documentId: 'document',
    });
  });

  it('names the page around a frame of another origin', () => {
    const sender = makeSender({ frameId: 3, tab: { id: 5, url: 'https://news.example/', incognito: false } });
    expect(siteDocument(sender, EXTENSION)?.site.topOrigin).toBe('https://news.example');
  });

  it('names no page around a frame of the same origin', () => {
    expect(siteDocument(makeSender({ frameId: 3 }), EXTENSION)?.site).not.toHaveProperty('topOrigin');
  });

  it('does not take a frame for a page where the browser hides the address around it', () => {
    const sender = makeSender({ frameId: 3, tab: { id: 5, incognito: false } });
    expect(siteDocument(sender, EXTENSION)?.site.topOrigin).toBe('null');
  });

  it('gives an opaque origin a name that no other document has', () => {
    const site = siteDocument(makeSender({ origin: 'null' }), EXTENSION)?.site;
    expect(site).toEqual({
      origin: 'null:document',
      isOpaque: true,
      isPrivate: false,
      topOrigin: 'https://chat.example',
    });
  });

  it('tells a private window', () => {
    const sender = makeSender({ tab: { id: 5, url: 'https://chat.example/', incognito: true } });
    expect(siteDocument(sender, EXTENSION)?.site.isPrivate).toBe(true);
  });

  it('tells a container, and no cookie store that is none', () => {
    const siteIn = (cookieStoreId: string) =>
      siteDocument(makeSender({ tab: { id: 5, incognito: false, cookieStoreId } }), EXTENSION)!.site;
    expect(siteIn('firefox-container-2').container).toBe('firefox-container-2');
    expect(siteIn('firefox-default')).not.toHaveProperty('container');
    expect(siteIn('firefox-private')).not.toHaveProperty('container');
  });

  it.each([
    ['another extension', { id: 'stranger' }],
    ['an extension page in a tab', { origin: `chrome-extension://${EXTENSION}` }],
    ['a file', { origin: 'file://' }],
    ['a context without a tab', { tab: undefined }],
    ['a context without a document', { documentId: undefined }],
    ['a context without a frame', { frameId: undefined }],
    ['a sender without an origin', { origin: undefined }],
  ])('is none for %s', (_who, sender) => {
    expect(siteDocument(makeSender(sender), EXTENSION)).toBeUndefined();
  });
});

describe('page that the user decides in', () => {
  const origin = `chrome-extension://${EXTENSION}`;
  const page = `${origin}/extension/settings/index.html`;

  it.each([
    [
      'the panel, which has no tab',
      { url: `${origin}/extension/panel/index.html`, tab: undefined, frameId: undefined },
    ],
    ['the settings page in a tab', { url: `${page}?section=sites#top` }],
    ['the welcome page', { url: `${origin}/extension/welcome/index.html` }],
  ])('is %s', (_who, sender) => {
    expect(isUserPage(makeSender({ origin, ...sender }), EXTENSION, origin)).toBe(true);
  });

  it.each([
    ['a content script', {}],
    ['a content script in a page of that path', { url: 'https://chat.example/extension/panel/index.html' }],
    ['another extension', { id: 'stranger', url: page }],
    ['a page of another extension', { url: page.replace(EXTENSION, 'stranger') }],
    ['our page in a frame', { url: page, frameId: 4 }],
    ['the bridge', { url: `${origin}/extension/bridge/index.html` }],
    ['the prompt', { url: `${origin}/extension/prompt/index.html` }],
    ['the engine host', { url: `${origin}/extension/offscreen/index.html`, tab: undefined }],
    ['a page that only ends like one', { url: `${origin}/x/extension/panel/index.html` }],
    ['a sender without an address', { url: undefined }],
  ])('is not %s', (_who, sender) => {
    expect(isUserPage(makeSender(sender), EXTENSION, origin)).toBe(false);
  });
});
