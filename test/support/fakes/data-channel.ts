// A data channel whose network is the test: sent data stays buffered until `drain`.

export class FakeDataChannel {
  readonly label: string;
  readonly ordered: boolean;
  readonly protocol = '';
  readonly id = 1;
  readonly maxPacketLifeTime = null;
  readonly maxRetransmits = null;
  readonly negotiated = false;
  binaryType = 'blob';
  readyState: RTCDataChannelState = 'connecting';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  onbufferedamountlow: (() => void) | null = null;
  readonly sent: (string | Uint8Array)[] = [];
  maxMessageSize = Infinity;

  constructor(label = 'label', { ordered = true }: RTCDataChannelInit = {}) {
    this.label = label;
    this.ordered = ordered;
  }

  send(data: string | ArrayBuffer | Uint8Array): void {
    if (this.readyState !== 'open') throw new DOMException('not open', 'InvalidStateError');
    const size = typeof data === 'string' ? new TextEncoder().encode(data).length : data.byteLength;
    if (size > this.maxMessageSize) throw new TypeError('Failure to send data');
    this.sent.push(typeof data === 'string' ? data : new Uint8Array(data).slice());
    this.bufferedAmount += size;
  }

  close(): void {
    this.readyState = 'closed';
  }

  open(): void {
    this.readyState = 'open';
    this.onopen?.();
  }

  receive(data: string | ArrayBuffer): void {
    this.onmessage?.({ data });
  }

  /** The network takes `bytes`, by default all. Fires `bufferedamountlow` like a browser when the threshold is crossed. */
  drain(bytes = this.bufferedAmount): void {
    const before = this.bufferedAmount;
    this.bufferedAmount = Math.max(0, before - bytes);
    const threshold = this.bufferedAmountLowThreshold;
    if (before > threshold && this.bufferedAmount <= threshold) this.onbufferedamountlow?.();
  }
}
