// Brings one document and the engine host together: asks the background, joins the page to the host by a runtime port at
// once, and lets a bridge frame carry a faster port after it. Stays for as long as the document is attached, because
// only the runtime port tells when either end is gone.
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
 * A worker that lived for so long with our question has not died of it: browsers stop one after half a minute, with a prompt
 * open or not.
 */
const NOT_OUR_FAULT_MS = 10_000;
/**
 * How long to wait before each further question where the one before has failed sooner. After the last, the document gives up:
 * a host that does not come up again would else be asked for ever, by every document there is.
 */
const RETRY_DELAYS_MS = [0, 100, 500, 2000, 5000];

/** A frame that has not handed its port over by then will not: it takes 40–140 ms, several times that under load. */
const FRAME_LIFETIME_MS = 10_000;

const LOST = 'Peerport is not running any more (it was updated, turned off or removed). Reload the page.';
const NO_ANSWER =
  'Peerport does not answer. Construct another Peer to try again; if that does not help, the user should restart the browser.';
const TOO_LARGE = `The options of this Peer are larger than Peerport takes (${MAX_START_SIZE} characters). Give it shorter ones.`;
const UNDELIVERABLE =
  'A message is larger than this kind of document can send at a time (64 MiB), which ends the connection. Send it in parts.';

export class AttachingDocument {
  readonly #page: MessagePort;
  #isOver = false;

  constructor(page: MessagePort) {
    this.#page = page;
    page.onmessage = ({ data }: MessageEvent<AttachRequestMessage | null>) => {
      page.onmessage = null;
      void this.#attach(data?.start);
    };
  }

  /** The page has been told that it is not attached, or no longer. */
  get isOver(): boolean {
    return this.#isOver;
  }

  async #attach(start: unknown): Promise<void> {
    // Before anybody keeps it, or copies it to another process.
    if (sizeOfPlain(start, MAX_START_SIZE) > MAX_START_SIZE) {
      this.#end({ type: 'denied', message: TOO_LARGE });
      return;
    }
    await shown();
    const reply = await askWhenAllowed(() => this.#ask(start));
    switch (reply.status) {
      case 'admitted':
        this.#connect(reply.ticket);
        if (reply.mark !== undefined) void writeMark(reply.mark);
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

  /** A worker that dies with our question open (a prompt may take minutes) is asked again. */
  async #ask(start: unknown): Promise<AttachReply> {
    for (let failures = 0; isExtensionAlive();) {
      // Anew each time: a prompt may have been open for minutes, and the site's data cleared meanwhile.
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
        for (const each of insteadOf(message)) page.post(each);
        const { connectionKey } = message as { connectionKey?: number };
        if (connectionKey !== undefined) host.post({ type: 'connection.close', connectionKey } satisfies PageMessage);
      },
      onAnswer: (message) => {
        // The host has detached the document: by the time the page hears of it, it may attach anew.
        if (typeOf(message) === 'denied') this.#isOver = true;
      },
    });
    if (canBridge()) removeFrame = this.#bridge(ticket);
  }

  /** Undefined, and the page is told, where the extension has gone since it answered. */
  #openPort(): ReturnType<typeof runtime.connect> | undefined {
    try {
      const port = runtime.connect({ name: DOCUMENT_PORT });
      port.onDisconnect.addListener(() => {
        this.#end({ type: 'lost', message: LOST });
      });
      return port;
    } catch {
      this.#end({ type: 'lost', message: LOST });
      return undefined;
    }
  }

  /** Where the frame does not work, the document stays on its runtime port. Returns what removes the frame. */
  #bridge(ticket: string): () => void {
    const frame = new BridgeFrame(() => {
      const { port1, port2 } = new MessageChannel();
      frame.deliver({ ticket }, port1);
      this.#tell({ type: 'use-port' }, [port2]);
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
    this.#tell(message);
  }

  #tell(message: AttachContentMessage, transfer: Transferable[] = []): void {
    this.#page.postMessage(message, transfer);
  }
}

/** Tells a page that its document has an attachment already. */
export function refuseSecond(page: MessagePort): void {
  const message = 'This document is attached to Peerport, or is being attached: it has one way there at a time.';
  page.postMessage({ type: 'denied', message } satisfies AttachContentMessage);
}

/** What the page is told of a message that the host cannot get. What its connection has to wait for would never come. */
function insteadOf(message: unknown): HostMessage[] {
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
