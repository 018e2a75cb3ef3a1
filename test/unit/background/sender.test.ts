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

const TOP = 'https://news.example';

/** The site of a frame, by default in a page of `TOP`. `ancestors`: the content script's report. */
function siteOfFrame(ancestors: unknown, sender: Partial<Sender> = {}) {
  const tab = { id: 5, url: `${TOP}/`, incognito: false };
  return siteDocument(makeSender({ frameId: 3, tab, ...sender }), EXTENSION, ancestors)?.site;
}

describe('document of a sender', () => {
  it('describes the top document of a site', () => {
    expect(siteDocument(makeSender(), EXTENSION, [])).toEqual({
      site: { origin: 'https://chat.example', isOpaque: false, isPrivate: false },
      tabId: 5,
      frameId: 0,
      documentId: 'document',
    });
  });

  it('names the page around a frame of another origin', () => {
    expect(siteOfFrame([TOP])).toMatchObject({ origin: 'https://chat.example', topOrigin: TOP });
    expect(siteOfFrame([TOP])).not.toHaveProperty('ancestors');
  });

  it('names no page around a frame of the same origin', () => {
    expect(siteOfFrame(['https://chat.example'], { tab: makeSender().tab })).not.toHaveProperty('topOrigin');
  });

  it('does not mistake a frame for a page if the browser hides the address of the tab’s page', () => {
    const site = siteOfFrame(['https://chat.example'], { tab: { id: 5, incognito: false } });
    expect(site?.topOrigin).toBe('null');
  });

  it('names the origins between a frame and the page, without these two', () => {
    expect(siteOfFrame(['https://widgets.example', TOP])?.ancestors).toEqual(['https://widgets.example']);
    const [chat, one, two] = ['https://chat.example', 'https://1.example', 'https://2.example'];
    expect(siteOfFrame([chat, one, one, TOP, one, two, 'null', TOP])?.ancestors).toEqual([one, two, 'null']);
    expect(siteOfFrame([chat, TOP, TOP])).not.toHaveProperty('ancestors');
  });

  it('does not mistake a frame of the page’s own origin for the page if another origin lies between', () => {
    const site = siteOfFrame(['https://widgets.example', TOP], { origin: TOP });
    expect(site).toMatchObject({ origin: TOP, ancestors: ['https://widgets.example'], topOrigin: TOP });
  });

  it.each([
    ['no ancestors', undefined],
    ['a string instead of a list', TOP],
    ['an empty list', []],
    ['an invalid origin', ['https://chat.example https://a.example', TOP]],
    ['an object instead of an origin', [{ origin: TOP }, TOP]],
  ])('treats a frame that reports %s as nested in a frame of an unknown site', (_what, ancestors) => {
    expect(siteOfFrame(ancestors)).toMatchObject({ ancestors: ['null'], topOrigin: TOP });
  });

  it('ignores reported ancestors for the page itself', () => {
    expect(siteDocument(makeSender(), EXTENSION, ['https://widgets.example', TOP])?.site).toEqual({
      origin: 'https://chat.example',
      isOpaque: false,
      isPrivate: false,
    });
  });

  it('gives an opaque origin a unique name', () => {
    const site = siteDocument(makeSender({ origin: 'null' }), EXTENSION, [])?.site;
    expect(site).toEqual({
      origin: 'null:document',
      isOpaque: true,
      isPrivate: false,
      topOrigin: 'https://chat.example',
    });
  });

  it('recognizes a private window', () => {
    const sender = makeSender({ tab: { id: 5, url: 'https://chat.example/', incognito: true } });
    expect(siteDocument(sender, EXTENSION, [])?.site.isPrivate).toBe(true);
  });

  it('recognizes a container, but no other cookie store', () => {
    const siteIn = (cookieStoreId: string) =>
      siteDocument(makeSender({ tab: { id: 5, incognito: false, cookieStoreId } }), EXTENSION, [])!.site;
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
  ])('is undefined for %s', (_who, sender) => {
    expect(siteDocument(makeSender(sender), EXTENSION, [])).toBeUndefined();
  });
});

describe('page in which the user decides', () => {
  const origin = `chrome-extension://${EXTENSION}`;
  const page = `${origin}/extension/settings/index.html`;

  it.each([
    [
      'the panel, which has no tab',
      { url: `${origin}/extension/panel/index.html`, tab: undefined, frameId: undefined },
    ],
    ['the settings page in a tab', { url: `${page}?section=sites#top` }],
    ['the welcome page', { url: `${origin}/extension/welcome/index.html` }],
  ])('accepts %s', (_who, sender) => {
    expect(isUserPage(makeSender({ origin, ...sender }), EXTENSION, origin)).toBe(true);
  });

  it.each([
    ['a content script', {}],
    [
      'a content script in a page with the path of an extension page',
      { url: 'https://chat.example/extension/panel/index.html' },
    ],
    ['another extension', { id: 'stranger', url: page }],
    ['a page of another extension', { url: page.replace(EXTENSION, 'stranger') }],
    ['the settings page in a frame', { url: page, frameId: 4 }],
    ['the bridge', { url: `${origin}/extension/bridge/index.html` }],
    ['the prompt', { url: `${origin}/extension/prompt/index.html` }],
    ['the engine host', { url: `${origin}/extension/offscreen/index.html`, tab: undefined }],
    ['a page whose path only ends like the panel’s', { url: `${origin}/x/extension/panel/index.html` }],
    ['a sender without an address', { url: undefined }],
  ])('rejects %s', (_who, sender) => {
    expect(isUserPage(makeSender(sender), EXTENSION, origin)).toBe(false);
  });
});
