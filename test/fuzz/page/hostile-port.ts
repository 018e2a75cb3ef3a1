// A hostile page that sends the host messages without `window.Peer`, over a port that it obtains as `window.Peer` does.
import { ATTACH_EVENT } from '../../../src/protocol/attach-messages';
import { mutated } from '../mutate';
import { PAGE_STREAM, Random } from '../random';
import { peerStart, randomPageMessage, type PageWorld } from '../samples/page-messages';
import { waitUntil } from './wait-until';

/** Time limit for an answer, milliseconds: the extension first processes all earlier messages. */
const ANSWER_MS = 20_000;

/** The one attachment of a document. It ends when the host refuses or drops the document. */
export class HostilePort {
  /** The first port and, after the move, the second one. The host reads one of them. */
  #ports: MessagePort[] = [];
  #next: MessagePort | undefined;
  #state: 'new' | 'asked' | 'attached' | 'ended' = 'new';
  #answered = new Set<number>();
  #waiting: (() => void)[] = [];
  #lastRequestId = 1_000_000;

  get isEnded(): boolean {
    return this.#state === 'ended';
  }

  /** Sends 10 to 60 messages, about half of them valid, and waits until the host has processed them. */
  async step(seed: number, step: number, world: PageWorld): Promise<string> {
    const random = new Random(seed, step, PAGE_STREAM);
    if (this.#state === 'new') await this.#attach(random, world);
    if (this.#state !== 'attached') return this.#state;
    const types: string[] = [];
    for (let n = random.between(10, 60); n > 0; n--) {
      const message = randomPageMessage(random, world);
      types.push(message.type);
      this.#post(random.chance(0.5) ? message : mutated(message, random), random);
    }
    if (random.chance(0.1)) this.#flood(random, world);
    await this.#barrier();
    return `${this.#state}: ${types.join(' ')}`;
  }

  async #attach(random: Random, world: PageWorld): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    this.#ports = [port1];
    port1.onmessage = ({ data, ports }: MessageEvent<{ type: string }>) => this.#receive(data, ports[0], random);
    // Sometimes adds a second port, which no honest page sends.
    const ports = random.chance(0.1) ? [port2, new MessageChannel().port1] : [port2];
    window.dispatchEvent(new MessageEvent(ATTACH_EVENT, { ports }));
    this.#state = 'asked';
    const attach = { type: 'attach', start: peerStart(random, world, 1) };
    if (!random.chance(0.2)) port1.postMessage(attach);
    else {
      // After a damaged request, any outcome is valid, including no answer.
      this.#post(mutated(attach, random), random);
      if (!(await waitUntil(() => this.#state !== 'asked', this.#wakes(), ANSWER_MS))) this.#state = 'ended';
      return;
    }
    if (!(await waitUntil(() => this.#state !== 'asked', this.#wakes(), ANSWER_MS))) {
      throw new Error('a valid request to attach got no answer');
    }
  }

  #receive(message: { type: string; requestId?: number }, port: MessagePort | undefined, random: Random): void {
    if (message.type === 'attached') this.#state = 'attached';
    if (message.type === 'denied' || message.type === 'lost') this.#state = 'ended';
    if (message.type === 'use-port') this.#next = port;
    if (message.type === 'moving' && this.#next) this.#move(this.#next, random);
    if (message.type === 'connection.stats' && message.requestId !== undefined) this.#answered.add(message.requestId);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Follows the rules of the move, or sends `moved` twice or never. */
  #move(next: MessagePort, random: Random): void {
    next.onmessage = ({ data }: MessageEvent<{ type: string }>) => this.#receive(data, undefined, random);
    this.#ports.push(next);
    for (let n = random.pick([0, 1, 1, 1, 2]); n > 0; n--) this.#ports[0]!.postMessage({ type: 'moved' });
  }

  #post(message: unknown, random: Random): void {
    const port = random.chance(0.9) ? this.#ports.at(-1)! : this.#ports[0]!;
    postOver(port, message);
  }

  /** Sends many messages of one type. */
  #flood(random: Random, world: PageWorld): void {
    const count = random.pick([50, 300]);
    const message = randomPageMessage(random, world);
    for (let n = 0; n < count; n++) {
      const keyed = { ...message, ...('connectionKey' in message && { connectionKey: 100 + n }) };
      this.#post(random.chance(0.5) ? { ...keyed, ...('peerKey' in message && { peerKey: 10 + n }) } : keyed, random);
    }
  }

  /** Waits until the host has processed all messages. Asks over each port, because the host reads only one of them. */
  async #barrier(): Promise<void> {
    const requestId = ++this.#lastRequestId;
    for (const port of this.#ports) port.postMessage({ type: 'connection.getStats', connectionKey: 1, requestId });
    const isOver = () => this.#answered.has(requestId) || this.#state === 'ended';
    if (!(await waitUntil(isOver, this.#wakes(), ANSWER_MS)))
      throw new Error('the host neither answered nor ended the attachment');
    this.#answered.delete(requestId);
  }

  #wakes(): (wake: () => void) => void {
    return (wake) => void this.#waiting.push(wake);
  }
}

function postOver(port: MessagePort, message: unknown): void {
  try {
    port.postMessage(message);
  } catch (error) {
    // Structured clone cannot carry the message: too deep, or not cloneable.
    if (!(error instanceof RangeError) && !(error instanceof DOMException)) throw error;
  }
}

/** Dispatches far more attach events than one document may send. */
export async function floodWithAttachEvents(seed: number, step: number, world: PageWorld): Promise<string> {
  const random = new Random(seed, step, PAGE_STREAM);
  const count = random.pick([10, 200]);
  const ports = random.times(count, () => {
    const { port1, port2 } = new MessageChannel();
    window.dispatchEvent(new MessageEvent(ATTACH_EVENT, { ports: [port2] }));
    const start = peerStart(random, world, 1);
    postOver(port1, random.chance(0.3) ? mutated({ type: 'attach', start }, random, true) : { type: 'attach', start });
    return port1;
  });
  return `${ports.length} attach events`;
}
