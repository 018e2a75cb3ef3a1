// Tests the content script's part of an attachment with a fake runtime. The DOM parts are tested in the browser.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AttachingDocument, refuseSecond } from '../../../extension/content/attaching-document';
import { MAX_START_SIZE } from '../../../src/protocol/bounds';
import { peerStart } from '../../support/fakes/page-messages';

interface FakePort {
  postMessage: (message: unknown) => void;
  disconnect: () => void;
  onMessage: { addListener: (listener: (message: unknown) => void) => void };
  onDisconnect: { addListener: (listener: () => void) => void };
}

const platform = vi.hoisted(() => ({
  sendMessage: vi.fn<(message: unknown) => Promise<unknown>>(),
  connect: vi.fn<() => FakePort>(),
  isAlive: true,
}));

vi.mock('../../../extension/platform/runtime', () => ({
  runtime: { connect: platform.connect },
  sendMessage: platform.sendMessage,
  isExtensionAlive: () => platform.isAlive,
}));
vi.mock('../../../extension/content/page-dom', () => ({ shown: () => Promise.resolve() }));
vi.mock('../../../extension/content/user-action', () => ({
  answerWhetherUserActed: () => undefined,
  askWhenAllowed: (ask: () => Promise<unknown>) => ask(),
  claims: () => ({ ancestors: [], hasUserActed: true }),
}));
vi.mock('../../../extension/content/bridge-frame', () => ({ canBridge: () => false, BridgeFrame: vi.fn() }));

/** The page's end of the port, and the messages that it has received. */
function makePage() {
  const heard: Record<string, unknown>[] = [];
  const port = {
    onmessage: null as ((event: { data: unknown }) => void) | null,
    postMessage: (message: Record<string, unknown>) => void heard.push(message),
    close: () => undefined,
  };
  const say = (data: unknown): void => port.onmessage?.({ data });
  return { port: port as unknown as MessagePort, heard, say };
}

function attach(start: unknown = peerStart()) {
  const page = makePage();
  const attaching = new AttachingDocument(page.port);
  page.say({ type: 'attach', start });
  return { ...page, attaching };
}

/** A port to the host. The test plays the host. */
function makeHostPort() {
  const posted: unknown[] = [];
  let isLeft = false;
  let listener: (message: unknown) => void = () => undefined;
  let onDisconnect = (): void => undefined;
  const port: FakePort = {
    postMessage: (message) => {
      if (JSON.stringify(message).includes('too large'))
        throw new Error('Message length exceeded maximum allowed length.');
      posted.push(message);
    },
    disconnect: () => void (isLeft = true),
    onMessage: { addListener: (added) => void (listener = added) },
    onDisconnect: { addListener: (added) => void (onDisconnect = added) },
  };
  const say = (message: unknown): void => listener(message);
  return { port, posted, say, disconnect: () => onDisconnect(), isLeft: () => isLeft };
}

async function makeAttached() {
  const host = makeHostPort();
  platform.sendMessage.mockResolvedValue({ status: 'admitted', ticket: 'ticket' });
  platform.connect.mockReturnValue(host.port);
  const page = attach();
  await vi.waitFor(() => expect(host.posted).toEqual(['ticket']));
  return { ...page, host };
}

const gone = new Error('Could not establish connection. Receiving end does not exist.');
/** A request that fails after `ms` milliseconds. */
const failsAfter = (ms: number) => () => new Promise((_resolve, reject) => setTimeout(() => reject(gone), ms));

beforeEach(() => {
  platform.isAlive = true;
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.resetAllMocks();
});

describe('AttachingDocument while it requests an attachment', () => {
  it('asks six times in eight seconds without an answer, and then reports that', async () => {
    platform.sendMessage.mockImplementation(failsAfter(1));
    const { heard, attaching } = attach();
    await vi.advanceTimersByTimeAsync(7500);
    expect(heard).toEqual([]);
    await vi.advanceTimersByTimeAsync(60 * 60_000);
    expect(platform.sendMessage).toHaveBeenCalledTimes(6);
    expect(heard).toEqual([{ type: 'lost', message: expect.stringContaining('does not answer') as string }]);
    expect(attaching.isOver).toBe(true);
  });

  it('asks again at once whenever the worker stops while a prompt is open', async () => {
    platform.sendMessage.mockImplementation(failsAfter(30_000));
    const { heard } = attach();
    await vi.advanceTimersByTimeAsync(60 * 60_000);
    expect(platform.sendMessage).toHaveBeenCalledTimes(120);
    expect(heard).toEqual([]);
  });

  it('resets its count of failures after a worker that has lived for a while', async () => {
    const { sendMessage } = platform;
    for (let n = 0; n < 5; n++) sendMessage.mockImplementationOnce(failsAfter(1));
    sendMessage.mockImplementationOnce(failsAfter(30_000)).mockImplementation(failsAfter(1));
    const { heard } = attach();
    await vi.advanceTimersByTimeAsync(60 * 60_000);
    expect(sendMessage).toHaveBeenCalledTimes(12);
    expect(heard).toHaveLength(1);
  });

  it('ignores the answer if the browser has put the document into its cache and restored it meanwhile', async () => {
    platform.sendMessage.mockImplementation(
      () => new Promise((resolve) => setTimeout(resolve, 5, { status: 'admitted' })),
    );
    const { heard, attaching } = attach();
    await vi.advanceTimersByTimeAsync(1);
    attaching.handleRestoration();
    expect(heard).toEqual([{ type: 'lost', message: expect.stringContaining('reconnect()') as string }]);
    expect(attaching.isOver).toBe(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(platform.connect).not.toHaveBeenCalled();
    expect(heard).toHaveLength(1);
  });

  it('reports at once that the extension is gone', async () => {
    platform.sendMessage.mockImplementation(async () => {
      platform.isAlive = false;
      throw gone;
    });
    const { heard } = attach();
    await vi.advanceTimersByTimeAsync(0);
    expect(heard).toEqual([{ type: 'lost', message: expect.stringContaining('no longer running') as string }]);
  });

  it('does not forward a request that is larger than the options of any Peer', async () => {
    const { heard, attaching } = attach({ ...peerStart(), config: { iceServers: ['x'.repeat(MAX_START_SIZE)] } });
    await vi.advanceTimersByTimeAsync(0);
    expect(platform.sendMessage).not.toHaveBeenCalled();
    expect(heard).toEqual([{ type: 'denied', message: expect.stringContaining('exceed Peerport’s limit') as string }]);
    expect(attaching.isOver).toBe(true);
  });

  it('reports that the extension is gone if it went away after its reply', async () => {
    platform.sendMessage.mockResolvedValue({ status: 'admitted', ticket: 'ticket' });
    platform.connect.mockImplementation(() => {
      throw new Error('Extension context invalidated.');
    });
    const { heard } = attach();
    await vi.advanceTimersByTimeAsync(0);
    expect(heard).toEqual([{ type: 'lost', message: expect.any(String) as string }]);
  });
});

describe('AttachingDocument after it has joined page and host', () => {
  it('closes a connection with an error if the port cannot carry its message, and passes other messages on', async () => {
    const { heard, say, host } = await makeAttached();
    say({ type: 'connection.sendFrames', connectionKey: 3, frames: ['too large'] });
    say({ type: 'peer.disconnect', peerKey: 1 });
    expect(heard).toEqual([
      {
        type: 'connection.error',
        connectionKey: 3,
        error: { type: 'message-too-big', message: expect.stringContaining('64 MiB') as string },
      },
      { type: 'connection.closed', connectionKey: 3 },
    ]);
    expect(host.posted.slice(1)).toEqual([
      { type: 'connection.close', connectionKey: 3 },
      { type: 'peer.disconnect', peerKey: 1 },
    ]);
  });

  it('is over when its port closes, and reports that', async () => {
    const { heard, host, attaching } = await makeAttached();
    expect(attaching.isOver).toBe(false);
    host.disconnect();
    expect(heard).toMatchObject([{ type: 'lost' }]);
    expect(attaching.isOver).toBe(true);
  });

  it('is over when the browser restores the document from its cache, and leaves the host', async () => {
    const { heard, host, attaching } = await makeAttached();
    attaching.handleRestoration();
    expect(heard).toEqual([{ type: 'lost', message: expect.stringContaining('reconnect()') as string }]);
    expect(attaching.isOver).toBe(true);
    expect(host.isLeft()).toBe(true);
  });

  it('is over when the host has detached the document, before the page hears of it', async () => {
    const { heard, host, attaching } = await makeAttached();
    host.say({ type: 'denied', message: 'm' });
    expect(heard).toEqual([{ type: 'denied', message: 'm' }]);
    expect(attaching.isOver).toBe(true);
  });
});

describe('refuseSecond', () => {
  it('reports that the document already has an attachment', () => {
    const { port, heard } = makePage();
    refuseSecond(port);
    expect(heard).toEqual([{ type: 'denied', message: expect.stringContaining('one attachment at a time') as string }]);
  });
});
