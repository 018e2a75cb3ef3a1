// The document's port to the engine host. Attaches when the first Peer starts, queues messages until it is attached,
// dispatches the host's messages to their Peer or connection, and reports the loss of the host to all of them. There is one
// instance in each document. Peers and connections must remove themselves when they end.
import {
  MAX_EVENTS_PER_BATCH,
  type ConnectionMessage,
  type DataBatch,
  type HostMessage,
  type TextBatch,
} from '../../protocol/host-messages';
import type { AttachContentMessage, AttachRequestMessage } from '../../protocol/attach-messages';
import type { PeerErrorType } from '../../protocol/errors';
import type { PageMessage, PeerStart } from '../../protocol/page-messages';
import { Fifo } from '../../channel/fifo';
import { safe, visitAll } from '../safe/built-ins';
import { itemsOf, numberTable } from '../safe/number-table';

type PeerMessage = Extract<HostMessage, { peerKey: number }>;

export interface PeerListener {
  handle: (message: PeerMessage) => void;
  /** The host refuses this Peer: it is not allowed, or its options are unusable. */
  handleDenial: (message: string, errorType: PeerErrorType) => void;
  /** The host is gone, and every connection with it. */
  handleHostLoss: (message: string) => void;
}

export interface ConnectionListener {
  handle: (message: ConnectionMessage) => void;
  deliver: (data: unknown) => void;
  handleHostLoss: () => void;
}

/** Asks the content script to attach the document. Returns our port; the content script has the other end. */
export type OpenAttachPort = () => MessagePort;

export class HostPort {
  readonly #openAttachPort: OpenAttachPort;
  readonly #peers = numberTable<PeerListener>();
  #connections = numberTable<ConnectionListener>();
  #lastPeerKey = 0;
  #lastConnectionKey = 0;
  /** The port for messages to the host. Undefined until the host sends `attached`. */
  #port: MessagePort | undefined;
  #attachPort: MessagePort | undefined;
  /** The port that the host may move to. */
  #nextPort: MessagePort | undefined;
  readonly #queue = new Fifo<{ message: PageMessage; transfer: Transferable[] }>();
  /** The batch of data being dispatched, with the number of events and of text bytes already dispatched. */
  #batch: DataBatch | TextBatch | undefined;
  #batchIndex = 0;
  #batchOffset = 0;

  constructor(openAttachPort: OpenAttachPort) {
    this.#openAttachPort = openAttachPort;
  }

  /** True if the document is attached or being attached. */
  get isAttached(): boolean {
    return this.#attachPort !== undefined;
  }

  addPeer(listener: PeerListener): number {
    this.#peers[++this.#lastPeerKey] = listener;
    return this.#lastPeerKey;
  }

  removePeer(peerKey: number): void {
    delete this.#peers[peerKey];
  }

  nextConnectionKey(): number {
    return ++this.#lastConnectionKey;
  }

  addConnection(connectionKey: number, listener: ConnectionListener): void {
    this.#connections[connectionKey] = listener;
  }

  removeConnection(connectionKey: number): void {
    delete this.#connections[connectionKey];
  }

  /** Starts a Peer. The first Peer attaches the document. */
  start(start: PeerStart): void {
    if (this.#attachPort) this.post(start);
    else this.#attach(start);
  }

  /** Queues the message while attaching. Drops it if the document is not attached: the host knows none of its Peers then. */
  post(message: PageMessage, transfer: Transferable[] = []): void {
    if (this.#port) safe.postMessage(this.#port, message, transfer);
    else if (this.#attachPort) this.#queue.push({ message, transfer });
  }

  #attach(start: PeerStart): void {
    const attachPort = this.#openAttachPort();
    this.#attachPort = attachPort;
    this.#listen(attachPort);
    safe.startPort(attachPort);
    safe.postMessage(attachPort, { type: 'attach', start } satisfies AttachRequestMessage, []);
  }

  /**
   * Adds as many listeners as a batch may have events. Each listener dispatches one event, because the browser runs pending
   * microtasks between listeners, as it does between the messages of a data channel.
   */
  #listen(port: MessagePort): void {
    safe.addEventListener(port, 'message', (event: MessageEvent<HostMessage | AttachContentMessage>) => {
      const { data } = event;
      if (data.type === 'data' || data.type === 'texts') {
        this.#batch = data;
        this.#batchIndex = this.#batchOffset = 0;
        this.#dispatchNext(event);
      } else {
        safe.stopImmediatePropagation(event);
        this.#handle(data, event.ports[0]);
      }
    });
    for (let n = 1; n < MAX_EVENTS_PER_BATCH; n++) {
      safe.addEventListener(port, 'message', (event: Event) => {
        this.#dispatchNext(event);
      });
    }
  }

  #dispatchNext(event: Event): void {
    const batch = this.#batch;
    if (!batch) return;
    const index = this.#batchIndex++;
    const { connectionKeys } = batch;
    const connectionKey = connectionKeys[connectionKeys.length > 1 ? index : 0]!;
    const data = batch.type === 'data' ? batch.data[index] : this.#nextText(batch, index);
    if (this.#batchIndex === (batch.type === 'data' ? batch.data : batch.byteLengths).length) {
      this.#batch = undefined;
      safe.stopImmediatePropagation(event);
    }
    this.#connections[connectionKey]?.deliver(data);
  }

  #nextText({ bytes, byteLengths }: TextBatch, index: number): Uint8Array<ArrayBuffer> {
    const text = new Uint8Array(bytes, this.#batchOffset, byteLengths[index]);
    this.#batchOffset += text.length;
    return text;
  }

  #handle(message: Exclude<HostMessage, DataBatch | TextBatch> | AttachContentMessage, sent?: MessagePort): void {
    switch (message.type) {
      case 'use-port':
        this.#nextPort = sent;
        return;
      case 'attached':
        this.#port = this.#attachPort;
        visitAll(this.#queue.drain(), (queued) => {
          this.post(queued.message, queued.transfer);
        });
        return;
      case 'moving':
        this.#move();
        return;
      case 'denied':
        this.#end((peer) => {
          peer.handleDenial(message.message, message.errorType ?? 'permission-denied');
        });
        return;
      case 'lost':
        this.#end((peer) => {
          peer.handleHostLoss(message.message);
        });
        return;
      default:
        if ('connectionKey' in message && message.type !== 'connection.incoming' && message.type !== 'call.incoming') {
          this.#connections[message.connectionKey]?.handle(message);
        } else if ('peerKey' in message) {
          this.#peers[message.peerKey]?.handle(message);
        }
    }
  }

  /** Starts the new port only now: its messages have waited there and cannot overtake those of the old port. */
  #move(): void {
    if (!this.#nextPort) return;
    this.post({ type: 'moved' });
    this.#port = this.#nextPort;
    this.#nextPort = undefined;
    this.#listen(this.#port);
    safe.startPort(this.#port);
  }

  /** Detaches the document. The next start attaches it again. */
  #end(tell: (peer: PeerListener) => void): void {
    if (this.#port && this.#port !== this.#attachPort) safe.closePort(this.#port);
    if (this.#attachPort) safe.closePort(this.#attachPort);
    this.#port = this.#attachPort = this.#nextPort = undefined;
    this.#queue.drain();
    // Listeners may start new Peers, which must not be told of this loss.
    const connections = itemsOf(this.#connections);
    const peers = itemsOf(this.#peers);
    this.#connections = numberTable();
    visitAll(connections, (connection) => {
      connection.handleHostLoss();
    });
    visitAll(peers, tell);
  }
}
