// A connection's RTCDataChannel as the page sees it. The real channel is in the host; its owner reports its state by the
// `handle…` methods.
import type { DataChannelInfo } from '../../protocol/host-messages';
import { safe } from '../safe/built-ins';
import { defineHandlers } from './event-target-facade';

export interface DataChannelSource {
  bufferedBytes: () => number;
  send: (data: unknown) => void;
  close: () => void;
}

export class DataChannelFacade extends EventTarget {
  readonly #source: DataChannelSource;
  #info: Partial<DataChannelInfo>;
  #readyState: RTCDataChannelState = 'connecting';
  bufferedAmountLowThreshold = 0;
  binaryType: BinaryType = 'arraybuffer';

  constructor(info: Pick<DataChannelInfo, 'label' | 'ordered'>, source: DataChannelSource) {
    super();
    this.#info = info;
    this.#source = source;
  }

  get label(): string {
    return this.#info.label ?? '';
  }

  get ordered(): boolean {
    return this.#info.ordered ?? true;
  }

  get protocol(): string {
    return this.#info.protocol ?? '';
  }

  get negotiated(): boolean {
    return this.#info.negotiated ?? false;
  }

  get reliable(): boolean {
    return this.maxPacketLifeTime === null && this.maxRetransmits === null;
  }

  get id(): number | null {
    return this.#info.id ?? null;
  }

  get maxPacketLifeTime(): number | null {
    return this.#info.maxPacketLifeTime ?? null;
  }

  get maxRetransmits(): number | null {
    return this.#info.maxRetransmits ?? null;
  }

  get readyState(): RTCDataChannelState {
    return this.#readyState;
  }

  /** Bytes that the page has sent and the network has not taken yet. */
  get bufferedAmount(): number {
    return this.#source.bufferedBytes();
  }

  /** Sends one frame unchanged. Throws InvalidStateError unless the channel is open. */
  send(data: unknown): void {
    if (this.#readyState !== 'open') {
      throw new DOMException("RTCDataChannel.readyState is not 'open'", 'InvalidStateError');
    }
    this.#source.send(data);
  }

  close(): void {
    this.#source.close();
  }

  /** @internal */
  handleOpen(info: DataChannelInfo): void {
    this.#info = info;
    this.#readyState = 'open';
    safe.dispatch(this, new safe.Event('open'));
  }

  /** @internal `bufferedAmount` before and after the network took data. */
  handleDrain(before: number, after: number): void {
    const threshold = this.bufferedAmountLowThreshold;
    if (before > threshold && after <= threshold) safe.dispatch(this, new safe.Event('bufferedamountlow'));
  }

  /** @internal */
  handleMessage(data: unknown): void {
    safe.dispatch(this, new safe.MessageEvent('message', { data }));
  }

  /** @internal */
  handleClose(): void {
    if (this.#readyState === 'closed') return;
    this.#readyState = 'closed';
    safe.dispatch(this, new safe.Event('close'));
  }
}

defineHandlers(DataChannelFacade, ['open', 'message', 'bufferedamountlow', 'error', 'closing', 'close']);
