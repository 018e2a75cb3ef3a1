// Brings one document and the engine host together: asks the background, joins the page to the host by a runtime port at
// once, and lets a bridge frame carry a faster port after it. Stays for as long as the document is attached, because
// only the runtime port tells when either end is gone.
import { request } from '../../src/channel/control';
import { join, messagePortEndpoint, runtimePortEndpoint } from '../../src/channel/endpoint';
import type { AttachContentMessage, AttachRequestMessage } from '../../src/protocol/attach-messages';
import type { PageMessage } from '../../src/protocol/page-messages';
import { DOCUMENT_PORT, type AttachReply } from '../../src/protocol/control-messages';
import { isExtensionAlive, runtime, sendMessage } from '../platform/runtime';
import { BridgeFrame, canBridge } from './bridge-frame';
import { answerWhetherUserActed, askWhenAllowed, claims } from './user-action';

/** Questions that fail within this time of being asked fail for another reason than a worker that was stopped. */
const INSTANT_MS = 100;
const MAX_INSTANT_FAILURES = 3;

/** A frame that has not handed its port over by then will not: it takes 40–140 ms, several times that under load. */
const FRAME_LIFETIME_MS = 10_000;

const LOST = 'Peerport is not running any more (it was updated, turned off or removed). Reload the page.';

export class AttachingDocument {
  readonly #page: MessagePort;

  constructor(page: MessagePort) {
    this.#page = page;
    page.onmessage = ({ data }: MessageEvent<AttachRequestMessage>) => {
      page.onmessage = null;
      void this.#attach(data.start);
    };
  }

  async #attach(start: unknown): Promise<void> {
    await shown();
    const reply = await askWhenAllowed(() => this.#ask(start));
    switch (reply.status) {
      case 'admitted':
        this.#connect(reply.ticket);
        return;
      case 'denied': {
        const { message, errorType } = reply;
        this.#tell({ type: 'denied', message, ...(errorType && { errorType }) });
        return;
      }
      case 'failed':
        this.#tell({ type: 'lost', message: reply.message });
        return;
      default:
        reply satisfies never;
    }
  }

  /** A worker that dies with our question open (a prompt may take minutes) is asked again. */
  async #ask(start: unknown): Promise<AttachReply> {
    for (let failures = 0; isExtensionAlive();) {
      const askedAt = Date.now();
      try {
        return await request(sendMessage, { to: 'background', type: 'attach', start, ...claims() });
      } catch (error) {
        if (Date.now() - askedAt < INSTANT_MS && ++failures > MAX_INSTANT_FAILURES) {
          return { status: 'failed', message: String(error) };
        }
      }
    }
    return { status: 'failed', message: LOST };
  }

  #connect(ticket: string): void {
    answerWhetherUserActed();
    const host = runtime.connect({ name: DOCUMENT_PORT });
    host.onDisconnect.addListener(() => {
      this.#tell({ type: 'lost', message: LOST });
    });
    host.postMessage(ticket);
    const page = messagePortEndpoint(this.#page);
    const removeFrame = canBridge() ? this.#bridge(ticket) : undefined;
    join(page, runtimePortEndpoint(host), (message) => {
      if ((message as PageMessage).type === 'moved') removeFrame?.();
    });
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

  #tell(message: AttachContentMessage, transfer: Transferable[] = []): void {
    this.#page.postMessage(message, transfer);
  }
}

/** A page that is only prerendered is not visited yet: it neither asks nor connects. */
function shown(): Promise<void> {
  if (!('prerendering' in document) || !document.prerendering) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener('prerenderingchange', () => resolve(), { once: true });
  });
}
