// Attaches one document to the engine host: asks the background, joins the page to the host through a runtime port at once, and
// then has a bridge frame deliver a faster port. Lives as long as the attachment, because only the runtime port shows when
// either end is gone. The caller must create at most one per document until `isOver`.
import { request } from '../../src/channel/control';
import { join, messagePortEndpoint, runtimePortEndpoint } from '../../src/channel/endpoint';
import type { AttachContentMessage, AttachRequestMessage } from '../../src/protocol/attach-messages';
import { MAX_START_SIZE } from '../../src/protocol/bounds';
import type { HostMessage } from '../../src/protocol/host-messages';
import type { PageMessage } from '../../src/protocol/page-messages';
import { sizeOfPlain } from '../../src/protocol/plain-size';
import { DOCUMENT_PORT, type AttachReply } from '../../src/protocol/control-messages';
import { isExtensionAlive, runtime, sendMessage } from '../platform/runtime';
import { BridgeFrame, canBridge } from './bridge-frame';
import { shown } from './page-dom';
import { readMark, writeMark } from './site-mark';
import { answerWhetherUserActed, askWhenAllowed, claims } from './user-action';

/**
 * A worker that lived this long with our request did not die because of it: browsers stop a worker after half a minute, even
 * while a prompt is open.
 */
const NOT_OUR_FAULT_MS = 10_000;
/**
 * The delays before each repetition of a request that failed sooner than that. The document gives up after the last one:
 * otherwise every document would ask for ever if the background cannot start.
 */
const RETRY_DELAYS_MS = [0, 100, 500, 2000, 5000];

/** A frame that has not delivered its port by then never will: delivery takes 40–140 ms, several times that under load. */
const FRAME_LIFETIME_MS = 10_000;

const LOST = 'Peerport is no longer running: it was updated, turned off or removed. Reload the page.';
const LEFT =
  'The connections of this page ended when the user left it. Call reconnect() or construct another Peer to go on.';
const NO_ANSWER =
  'Peerport does not answer. Construct another Peer to try again. If the error persists, the user should restart the browser.';
const TOO_LARGE = `The options of this Peer exceed Peerport’s limit of ${MAX_START_SIZE} characters. Pass shorter options.`;
const UNDELIVERABLE =
  'The message exceeds the limit of 64 MiB for this kind of document, so the connection was closed. Send the data in parts.';

export class AttachingDocument {
  readonly #page: MessagePort;
  #runtimePort: ReturnType<typeof runtime.connect> | undefined;
  #isOver = false;

  constructor(page: MessagePort) {
    this.#page = page;
    page.onmessage = ({ data }: MessageEvent<AttachRequestMessage | null>) => {
      page.onmessage = null;
      void this.#attach(data?.start);
    };
  }

  /** Whether the page has been told that its document is not attached, or no longer attached. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Ends the attachment and tells the page. Call it when the browser has restored the document from its back/forward cache: the
   * browser has closed the runtime port and dropped the answers to pending requests, and tells the document of neither.
   */
  handleRestoration(): void {
    if (this.#isOver) return;
    this.#end({ type: 'lost', message: LEFT });
    this.#runtimePort?.disconnect();
  }

  async #attach(start: unknown): Promise<void> {
    // Checked before any context stores the options or copies them to another process.
    if (sizeOfPlain(start, MAX_START_SIZE) > MAX_START_SIZE) {
      this.#end({ type: 'denied', message: TOO_LARGE });
      return;
    }
    await shown();
    const reply = await askWhenAllowed(() => this.#ask(start));
    // Before the Peer has its ID: if the page closed between the two, its site would come back without the mark, as if the user had
    // cleared its data, and lose the ID.
    if (reply.status === 'admitted' && reply.mark !== undefined) await writeMark(reply.mark);
    // The page may have been in the back/forward cache meanwhile.
    if (this.#isOver) return;
    switch (reply.status) {
      case 'admitted':
        this.#connect(reply.ticket);
        return;
      case 'denied': {
        const { message, errorType } = reply;
        this.#end({ type: 'denied', message, ...(errorType && { errorType }) });
        return;
      }
      case 'failed':
        this.#end({ type: 'lost', message: reply.message });
        return;
      default:
        reply satisfies never;
    }
  }

  /** Repeats the request if the worker dies while it is pending: a prompt may stay open for minutes. */
  async #ask(start: unknown): Promise<AttachReply> {
    for (let failures = 0; isExtensionAlive();) {
      // Read again for each request: the user may have cleared the site's data while a prompt was open.
      const mark = await readMark();
      const askedAt = performance.now();
      try {
        return await request(sendMessage, { to: 'background', type: 'attach', start, mark, ...claims() });
      } catch {
        failures = performance.now() - askedAt < NOT_OUR_FAULT_MS ? failures + 1 : 0;
        if (failures > RETRY_DELAYS_MS.length) return { status: 'failed', message: NO_ANSWER };
        await delay(RETRY_DELAYS_MS[failures - 1]);
      }
    }
    return { status: 'failed', message: LOST };
  }

  #connect(ticket: string): void {
    const port = this.#openPort();
    if (!port) return;
    answerWhetherUserActed();
    const host = runtimePortEndpoint(port);
    host.post(ticket);
    const page = messagePortEndpoint(this.#page);
    let removeFrame: (() => void) | undefined;
    join(page, host, {
      onPassed: (message) => {
        if (typeOf(message) === 'moved') removeFrame?.();
      },
      onRefused: (message) => {
        for (const reply of repliesToUndelivered(message)) page.post(reply);
        const { connectionKey } = message as { connectionKey?: number };
        if (connectionKey !== undefined) host.post({ type: 'connection.close', connectionKey } satisfies PageMessage);
      },
      onAnswer: (message) => {
        // The host has detached the document. The page may attach again as soon as it gets this message.
        if (typeOf(message) === 'denied') this.#isOver = true;
      },
    });
    if (canBridge()) removeFrame = this.#bridge(ticket);
  }

  /** Opens the port to the host. If the extension has gone meanwhile, tells the page so and returns undefined. */
  #openPort(): ReturnType<typeof runtime.connect> | undefined {
    try {
      const port = (this.#runtimePort = runtime.connect({ name: DOCUMENT_PORT }));
      port.onDisconnect.addListener(() => {
        this.#end({ type: 'lost', message: LOST });
      });
      return port;
    } catch {
      this.#end({ type: 'lost', message: LOST });
      return undefined;
    }
  }

  /** Has a frame deliver a faster port; if that fails, the document stays on its runtime port. Returns a function that removes the frame. */
  #bridge(ticket: string): () => void {
    const frame = new BridgeFrame(() => {
      const { port1, port2 } = new MessageChannel();
      frame.deliver({ ticket }, port1);
      this.#post({ type: 'use-port' }, [port2]);
    });
    const timer = setTimeout(() => {
      frame.remove();
    }, FRAME_LIFETIME_MS);
    return () => {
      clearTimeout(timer);
      frame.remove();
    };
  }

  #end(message: AttachContentMessage): void {
    this.#isOver = true;
    this.#post(message);
  }

  #post(message: AttachContentMessage, transfer: Transferable[] = []): void {
    this.#page.postMessage(message, transfer);
  }
}

/** Tells a page that its document already has an attachment. */
export function refuseSecond(page: MessagePort): void {
  const message =
    'This document is already attached to Peerport or being attached. A document can have one attachment at a time.';
  page.postMessage({ type: 'denied', message } satisfies AttachContentMessage);
}

/** Replies for a message that cannot reach the host: its connection ends, because the host's answer would never come. */
function repliesToUndelivered(message: unknown): HostMessage[] {
  const { connectionKey } = message as { connectionKey?: number };
  if (connectionKey === undefined) return [];
  const error = { type: 'message-too-big' as const, message: UNDELIVERABLE };
  return [
    { type: 'connection.error', connectionKey, error },
    { type: 'connection.closed', connectionKey },
  ];
}

function typeOf(message: unknown): unknown {
  return (message as { type?: unknown } | null | undefined)?.type;
}

function delay(ms = 0): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
