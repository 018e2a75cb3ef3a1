// Brings one document and the engine host together: asks the background, then hands the host's port to the page by the
// bridge frame, or relays where no frame can. Stays as the page's death sensor.
import { request } from '../../src/channel/control';
import { join, messagePortEndpoint, runtimePortEndpoint } from '../../src/channel/endpoint';
import type { AttachContentMessage, AttachPageMessage } from '../../src/protocol/attach-messages';
import { RELAY_PORT, SENSOR_PORT, type AttachReply } from '../../src/protocol/control-messages';
import { isExtensionAlive, runtime, sendMessage } from '../platform/runtime';
import { BridgeFrame, canBridge } from './bridge-frame';

/** The bridge takes 40–140 ms, on a busy machine several times that; after a second the relay is what is left. */
const ACKNOWLEDGEMENT_TIMEOUT_MS = 1_000;

const LOST = 'Peerport is not running any more (it was updated, turned off or removed). Reload the page.';

export class AttachingDocument {
  readonly #page: MessagePort;
  #frame: BridgeFrame | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(page: MessagePort) {
    this.#page = page;
    page.onmessage = ({ data }: MessageEvent<AttachPageMessage>) => {
      if (data.type === 'attach') void this.#attach(data.start);
      else this.#settle();
    };
  }

  async #attach(start: unknown): Promise<void> {
    const reply = await this.#ask(start);
    if (reply.status === 'admitted') this.#connect(reply.ticket);
    else this.#tell({ type: reply.status === 'denied' ? 'denied' : 'lost', message: reply.message });
  }

  /** A worker that dies with our question open (a prompt may take minutes) is asked again. */
  async #ask(start: unknown): Promise<AttachReply> {
    for (let failures = 0; isExtensionAlive(); failures++) {
      const askedAt = Date.now();
      try {
        return await request(sendMessage, { to: 'background', type: 'attach', start });
      } catch (error) {
        // At once and again and again: the background is broken, not dying.
        if (Date.now() - askedAt < 100 && failures >= 3) return { status: 'failed', message: String(error) };
      }
    }
    return { status: 'failed', message: LOST };
  }

  #connect(ticket: string): void {
    this.#openSensor(ticket);
    if (!canBridge()) {
      this.#relay(ticket);
      return;
    }
    this.#timer = setTimeout(() => {
      this.#relay(ticket);
    }, ACKNOWLEDGEMENT_TIMEOUT_MS);
    this.#frame = new BridgeFrame((frame) => {
      const { port1, port2 } = new MessageChannel();
      frame.deliver({ ticket }, port1);
      this.#tell({ type: 'use-port' }, [port2]);
    });
  }

  /** A runtime port is gone when its other end is, which no MessagePort tells; the host watches its own end. */
  #openSensor(ticket: string): void {
    const sensor = runtime.connect({ name: SENSOR_PORT });
    sensor.onDisconnect.addListener(() => {
      this.#tell({ type: 'lost', message: LOST });
    });
    sensor.postMessage(ticket);
  }

  /** The host takes the first port that shows the ticket, and the page the first that the host acknowledges. */
  #relay(ticket: string): void {
    this.#settle();
    const relay = runtime.connect({ name: RELAY_PORT });
    relay.postMessage(ticket);
    this.#tell({ type: 'use-relay' });
    join(messagePortEndpoint(this.#page), runtimePortEndpoint(relay));
  }

  /** The way to the host is decided; the frame has done its work. */
  #settle(): void {
    clearTimeout(this.#timer);
    this.#frame?.remove();
    this.#frame = undefined;
  }

  #tell(message: AttachContentMessage, transfer: Transferable[] = []): void {
    this.#page.postMessage(message, transfer);
    if (message.type === 'denied' || message.type === 'lost') this.#settle();
  }
}
