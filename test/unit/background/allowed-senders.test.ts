import { describe, expect, it } from 'vitest';
import { allowedSenders, type BackgroundHandlers } from '../../../extension/background/allowed-senders';
import { refusedAttachment } from '../../../extension/background/attach-requests';
import { serve, type MessageEventSource, type Sender } from '../../../src/channel/control';

const EXTENSION = 'peerport-id';
const ORIGIN = `chrome-extension://${EXTENSION}`;
const page = (name: string) => `${ORIGIN}/extension/${name}/index.html`;

const allow = allowedSenders({
  extensionId: EXTENSION,
  extensionOrigin: ORIGIN,
  hostUrl: page('offscreen'),
  promptUrl: page('prompt'),
  welcomeUrl: page('welcome'),
});
const TYPES = Object.keys(allow) as (keyof typeof allow)[];
const OF_HOST = TYPES.filter((type) => type === 'admit' || type === 'identity.leased' || type.startsWith('host.'));
const OF_PROMPT = TYPES.filter((type) => type.startsWith('prompt.'));
const OF_USER_PAGE = TYPES.filter((type) => type.startsWith('ui.'));

/** The extension's page with this name, open in a tab. */
function inTab(name: string): Sender {
  const tab = { id: 5, url: page(name), incognito: false, windowId: 7 };
  return { id: EXTENSION, origin: ORIGIN, url: page(name), documentId: 'document', frameId: 0, tab };
}

function contentScript(sender: Partial<Sender> = {}): Sender {
  const url = 'https://chat.example/room';
  return { ...inTab('panel'), origin: 'https://chat.example', url, tab: { id: 5, url, incognito: false }, ...sender };
}

/** Sends each request. Returns what the handlers of the allowed requests received about the sender. */
async function sendAll(sender: Sender) {
  const received: Record<string, unknown> = {};
  const refusals: Record<string, unknown> = {};
  const handlers = Object.fromEntries(
    TYPES.map((type) => [type, async (_request: unknown, known: unknown) => (received[type] = known)]),
  ) as unknown as BackgroundHandlers;
  let listener!: Parameters<MessageEventSource['addListener']>[0];
  const source = { addListener: (given: typeof listener) => (listener = given) };
  serve(source, 'background', { allow, handlers, refusals: { attach: refusedAttachment() } });
  for (const type of TYPES) {
    const reply = await listener({ to: 'background', type, ancestors: [] }, sender)!.catch(String);
    if (!(type in received)) refusals[type] = reply;
  }
  return { received, refusals };
}

describe('allowed senders of requests to the background', () => {
  it.each<[who: string, sender: Sender, allowed: string[]]>([
    ['a content script', contentScript(), ['attach']],
    ['a content script in a frame', contentScript({ frameId: 3 }), ['attach']],
    ['a content script in a sandboxed document', contentScript({ origin: 'null' }), ['attach']],
    ['the self-test in the welcome page', inTab('welcome'), ['attach', ...OF_USER_PAGE]],
    ['the panel, which has no tab', { id: EXTENSION, origin: ORIGIN, url: page('panel') }, OF_USER_PAGE],
    ['the settings page', inTab('settings'), OF_USER_PAGE],
    ['a prompt', inTab('prompt'), OF_PROMPT],
    ['the engine host', { id: EXTENSION, origin: ORIGIN, url: page('offscreen') }, OF_HOST],
  ])('%s may send its own requests only', async (_who, sender, allowed) => {
    const { received, refusals } = await sendAll(sender);
    expect(Object.keys(received)).toEqual(allowed);
    expect(Object.keys(refusals)).toEqual(TYPES.filter((type) => !allowed.includes(type)));
  });

  it.each<[who: string, sender: Sender]>([
    ['another extension', { ...inTab('settings'), id: 'stranger' }],
    ['a page of another extension', { id: 'stranger', url: page('settings').replace(EXTENSION, 'stranger') }],
    ['the bridge frame', { ...inTab('bridge'), frameId: 3 }],
    ['the settings page in a frame', { ...inTab('settings'), frameId: 3 }],
    ['a content script without a document', contentScript({ documentId: undefined })],
    ['a content script in a context without a tab', contentScript({ tab: undefined })],
    ['a file', contentScript({ origin: 'file://', url: 'file:///home/page.html' })],
    ['a service worker', { id: EXTENSION, origin: ORIGIN, url: `${ORIGIN}/service-worker.js` }],
    ['a sender without a record', {}],
  ])('%s may send no request', async (_who, sender) => {
    const { received, refusals } = await sendAll(sender);
    expect(received).toEqual({});
    const rejected: unknown = expect.stringMatching(/^Error: Only .+ may send this request\.$/);
    const everyRequest = Object.fromEntries(TYPES.map((type) => [type, rejected]));
    expect(refusals).toEqual({ ...everyRequest, attach: refusedAttachment() });
  });

  it('the handler of `attach` receives the document, from the browser’s record', async () => {
    const { received } = await sendAll(contentScript());
    const site = { origin: 'https://chat.example', isOpaque: false, isPrivate: false };
    expect(received.attach).toEqual({ site, tabId: 5, frameId: 0, documentId: 'document' });
  });

  it('the handlers of prompts receive the prompt’s window', async () => {
    const { received } = await sendAll(inTab('prompt'));
    expect(received).toEqual({ 'prompt.describe': { windowId: 7 }, 'prompt.answer': { windowId: 7 } });
  });
});
