import { describe, expect, it, vi } from 'vitest';
import {
  fromPage,
  isFromPage,
  request,
  serve,
  type AllowedSenders,
  type Sender,
  type SenderKind,
  type Service,
} from '../../../src/channel/control';
import type { ControlRequest } from '../../../src/protocol/control-messages';
import { peerStart } from '../../support/fakes/page-messages';
import { siteDocument } from '../../support/fakes/site-documents';

type Listener = (message: unknown, sender: Sender) => Promise<unknown> | undefined;
type Handler = (request: never, sender: never) => Promise<unknown>;

const sender: Sender = { id: 'extension', origin: 'https://chat.example' };

const EXTENSION = 'peerport-id';
const PAGE = `chrome-extension://${EXTENSION}/extension/offscreen/index.html`;

/** Recognizes every sender, and hands the browser's record to the handler. */
const anyone: SenderKind<Sender> = { name: 'anyone', recognize: (record) => record };
const nobody: SenderKind<true> = { name: 'nobody', recognize: () => undefined };

interface ServedOptions {
  handlers?: Partial<Record<ControlRequest['type'], Handler>>;
  allow?: Partial<AllowedSenders<'background'>>;
  refusals?: Service<'background', AllowedSenders<'background'>>['refusals'];
}

function makeServed({ handlers = {}, allow = {}, refusals }: ServedOptions = {}) {
  const listeners: Listener[] = [];
  const missing = () => Promise.reject(new Error('not expected'));
  const types = [
    'attach',
    'admit',
    'identity.leased',
    'host.idle',
    'host.connections',
    'prompt.answer',
    'ui.testRelay',
  ];
  const table = (value: unknown) => Object.fromEntries(types.map((type) => [type, value]));
  const source = { addListener: (listener: Listener) => void listeners.push(listener) };
  serve(source, 'background', {
    allow: { ...table(anyone), ...allow } as AllowedSenders<'background'>,
    handlers: { ...table(missing), ...handlers } as never,
    ...(refusals && { refusals }),
  });
  const deliver = (message: unknown) => listeners[0]!(message, sender);
  return { deliver, listeners };
}

describe('serve', () => {
  it('registers its listener synchronously', () => {
    expect(makeServed().listeners).toHaveLength(1);
  });

  it('answers a request with its handler’s reply to message and sender', async () => {
    const handler = vi.fn(async () => true as const);
    const { deliver } = makeServed({ handlers: { 'host.idle': handler } });
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
    const { deliver } = makeServed({ handlers: { 'host.idle': () => Promise.reject(new Error('no')) } });
    await expect(deliver({ to: 'background', type: 'host.idle' })).rejects.toThrow('no');
  });

  it('hands the handler what the table’s kind of sender knows about the sender', async () => {
    const handler = vi.fn(async () => true);
    const kind: SenderKind<{ documentId: string }> = { name: 'a document', recognize: () => ({ documentId: 'd' }) };
    const { deliver } = makeServed({ handlers: { 'host.idle': handler }, allow: { 'host.idle': kind } });
    const message = { to: 'background', type: 'host.idle' };
    await deliver(message);
    expect(handler).toHaveBeenCalledExactlyOnceWith(message, { documentId: 'd' });
  });

  it('shows the request to the kind of sender, whose record may need its help', async () => {
    const recognize = vi.fn(() => true as const);
    const handlers = { attach: async () => true };
    const { deliver } = makeServed({ handlers, allow: { attach: { name: 'a document', recognize } } });
    const message = { to: 'background', type: 'attach', ancestors: [] };
    await deliver(message);
    expect(recognize).toHaveBeenCalledExactlyOnceWith(sender, message);
  });

  it('rejects a request of a sender that the table does not allow, without calling the handler', async () => {
    const handler = vi.fn(async () => true);
    const { deliver } = makeServed({ handlers: { 'host.idle': handler }, allow: { 'host.idle': nobody } });
    const refused = deliver({ to: 'background', type: 'host.idle' });
    await expect(refused).rejects.toThrow(/^Only nobody may send this request\.$/);
    expect(handler).not.toHaveBeenCalled();
  });

  it('refuses with the reply for the request, if there is one', async () => {
    const reply = { status: 'denied', message: 'no' } as const;
    const { deliver } = makeServed({ allow: { attach: nobody, admit: nobody }, refusals: { attach: reply } });
    expect(await deliver({ to: 'background', type: 'attach' })).toEqual(reply);
    await expect(deliver({ to: 'background', type: 'admit' })).rejects.toThrow('Only nobody');
  });

  it('does not answer a request that the table does not name, even if a handler exists', () => {
    const { deliver } = makeServed({ handlers: { 'ui.erase': async () => true } });
    expect(deliver({ to: 'background', type: 'ui.erase' })).toBeUndefined();
  });

  it('compiles only with a kind of sender and a handler for each request', () => {
    const allow = {
      expect: anyone,
      documents: anyone,
      enforce: anyone,
      leaveTab: anyone,
      testRelay: anyone,
      release: nobody,
      diagnostics: anyone,
    } satisfies AllowedSenders<'host'>;
    const starter: SenderKind<object, { start: object }> = { name: 'a starter', recognize: (_, { start }) => start };
    type Handlers = Service<'host', typeof allow>['handlers'];
    // @ts-expect-error A handler without a kind of sender.
    ({ ...allow, release: undefined }) satisfies AllowedSenders<'host'>;
    // @ts-expect-error A kind of sender for a request that does not exist.
    ({ ...allow, erase: anyone }) satisfies AllowedSenders<'host'>;
    // @ts-expect-error A kind of sender that needs the content of another request.
    ({ ...allow, release: starter }) satisfies AllowedSenders<'host'>;
    // @ts-expect-error The handler expects more about its sender than the table's kind knows.
    const release: Handlers['release'] = async (_request, { documentId }: Sender) => ({ isIdle: !documentId });
    expect(release).toBeTypeOf('function');
  });
});

describe('fromPage', () => {
  const kind = fromPage('the host', EXTENSION, PAGE);

  it('recognizes the extension’s page, and no other', () => {
    expect(kind.recognize({ id: EXTENSION, url: PAGE }, undefined)).toBe(true);
    expect(kind.recognize({ id: 'stranger', url: PAGE }, undefined)).toBeUndefined();
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
