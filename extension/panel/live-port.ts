// Owns the panel's port to the engine host: opens it as soon as a host runs, and watches the reports. So the panel can
// distinguish "no host runs" (no fault: nothing has to be hosted) from "the host does not answer". The caller must `close` it.
import type { RuntimePort } from '../../src/channel/endpoint';
import type { LiveCommand, LiveReport } from '../../src/protocol/live-messages';

/** After this time six reports are missing, and the host counts as hung. */
export const SILENCE_MS = 3_000;

/** `none`: no host runs; `silent`: a host runs but sends no reports. */
export type LiveState = { status: 'none' | 'silent' } | { status: 'live'; report: LiveReport };

export interface LivePortDependencies {
  connect: () => RuntimePort;
  /** Returns a function that stops listening. */
  onHostStarted: (listener: () => void) => () => void;
  onChange: (state: LiveState) => void;
}

export class LivePort {
  readonly #dependencies: LivePortDependencies;
  readonly #stopListening: () => void;
  #port: RuntimePort | undefined;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(dependencies: LivePortDependencies) {
    this.#dependencies = dependencies;
    // Listen before connecting, so that a host that starts just now is not missed.
    this.#stopListening = dependencies.onHostStarted(() => this.#open());
    this.#open();
  }

  /** False if no host runs: then no connection exists to act on. */
  send(command: LiveCommand): boolean {
    this.#port?.postMessage(command);
    return this.#port !== undefined;
  }

  close(): void {
    this.#stopListening();
    this.#drop();
  }

  #open(): void {
    this.#drop();
    const port = (this.#port = this.#dependencies.connect());
    this.#expectReport();
    port.onMessage.addListener((message) => {
      if (this.#port !== port) return;
      this.#expectReport();
      this.#dependencies.onChange({ status: 'live', report: message as LiveReport });
    });
    port.onDisconnect.addListener(() => {
      if (this.#port !== port) return;
      this.#drop();
      this.#dependencies.onChange({ status: 'none' });
    });
  }

  #drop(): void {
    clearTimeout(this.#silenceTimer);
    this.#port?.disconnect();
    this.#port = undefined;
  }

  #expectReport(): void {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => this.#dependencies.onChange({ status: 'silent' }), SILENCE_MS);
  }
}
