import { describe, expect, it, vi } from 'vitest';
import { isFromPage, request, serve, type ControlHandlers, type Sender } from '../../../src/channel/control';
import { peerStart } from '../../support/fakes/page-messages';
import { siteDocument } from '../../support/fakes/site-documents';

type Listener = (message: unknown, sender: Sender) => Promise<unknown> | undefined;

const sender: Sender = { id: 'extension', origin: 'https://chat.example' };

const EXTENSION = 'peerport-id';
const PAGE = `chrome-extension://${EXTENSION}/extension/offscreen/index.html`;

function makeServed(handlers: Partial<ControlHandlers<'background'>> = {}) {
  const listeners: Listener[] = [];
  const missing = () => Promise.reject(new Error('not expected'));
  const none = {
    attach: missing,
    admit: missing,
    'identity.leased': missing,
    'host.idle': missing,
    'host.connections': missing,
  };
  const pages = { 'prompt.describe': missing, 'prompt.answer': missing, 'ui.testRelay': missing };
  serve({ addListener: (listener) => void listeners.push(listener) }, 'background', {
    ...none,
    ...pages,
    ...handlers,
  } as ControlHandlers<'background'>);
  const deliver = (message: unknown) => listeners[0]!(message, sender);
  return { deliver, listeners };
}

describe('serve', () => {
  it('registers its listener synchronously', () => {
    expect(makeServed().listeners).toHaveLength(1);
  });

  it('answers a request with its handler’s reply to message and sender', async () => {
    const handler = vi.fn(async () => true as const);
    const { deliver } = makeServed({ 'host.idle': handler });
    const message = { to: 'background', type: 'host.idle' };
    expect(await deliver(message)).toBe(true);
    expect(handler).toHaveBeenCalledExactlyOnceWith(message, sender);
  });

  it.each([
    undefined,
    null,
    'host.idle',
    [],
    {},
    { type: 'host.idle' },
    { to: 'background' },
    { to: 'host', type: 'host.idle' },
    { to: 'background', type: 'unknown' },
    { to: 'background', type: 'toString' },
    { to: 'background', type: '__proto__' },
    { to: 'background', type: ['host.idle'] },
  ])('leaves %j to other contexts', (message) => {
    expect(makeServed().deliver(message)).toBeUndefined();
  });

  it('rejects if the handler rejects', async () => {
    const { deliver } = makeServed({ 'host.idle': () => Promise.reject(new Error('no')) });
    await expect(deliver({ to: 'background', type: 'host.idle' })).rejects.toThrow('no');
  });
});

describe('request', () => {
  const admit = { to: 'background', type: 'admit', document: siteDocument(), start: peerStart() } as const;

  it('sends the request and returns the reply', async () => {
    const reply = { status: 'denied', message: '' };
    const send = vi.fn(async () => reply);
    expect(await request(send, admit)).toBe(reply);
    expect(send).toHaveBeenCalledExactlyOnceWith(admit);
  });

  it.each([undefined, null])('rejects if nobody answers and the browser returns %s', async (nothing) => {
    await expect(request(async () => nothing, admit)).rejects.toThrow('Nobody answered background admit');
  });

  it('rejects if nobody answers a request for a prompt, like any other', async () => {
    const message = { to: 'background', type: 'prompt.describe', promptId: 'p' } as const;
    await expect(request(async () => null, message)).rejects.toThrow('Nobody answered background prompt.describe');
  });

  it('accepts false as an answer', async () => {
    const message = { to: 'background', type: 'prompt.answer', promptId: 'p', answer: 'once' } as const;
    expect(await request(async () => false, message)).toBe(false);
  });

  it('rejects with the browser’s error', async () => {
    const send = () => Promise.reject(new Error('Could not establish connection.'));
    await expect(request(send, admit)).rejects.toThrow('Could not establish connection.');
  });
});

describe('isFromPage', () => {
  it('ignores query and fragment of the sender’s address', () => {
    expect(isFromPage({ id: EXTENSION, url: `${PAGE}?id=1#x` }, EXTENSION, PAGE)).toBe(true);
  });

  it.each([
    ['a site', { id: EXTENSION, url: 'https://chat.example/' }],
    ['another page of the extension', { id: EXTENSION, url: `chrome-extension://${EXTENSION}/extension/x.html` }],
    ['another extension', { id: 'stranger', url: PAGE }],
    ['a sender without an address', { id: EXTENSION }],
  ])('is false for %s', (_who, sender) => {
    expect(isFromPage(sender, EXTENSION, PAGE)).toBe(false);
  });
});
