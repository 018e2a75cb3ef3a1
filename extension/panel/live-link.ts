// The panel's port to the engine host: opened as soon as there is a host, and watched, so that the panel can tell "there is
// no host" (which is no fault: nothing has to be hosted) from "the host does not answer".
import type { RuntimePort } from '../../src/channel/endpoint';
import type { LiveCommand, LiveReport } from '../../src/protocol/live-messages';

/** Six reports are missing: the host hangs. */
export const SILENCE_MS = 3_000;

/** `none`: there is no host; `silent`: there is one, and it says nothing. */
export type LiveState = { status: 'none' | 'silent' } | { status: 'live'; report: LiveReport };

export interface LiveLinkDependencies {
  connect: () => RuntimePort;
  /** Returns what ends the listening. */
  onHostStarted: (listener: () => void) => () => void;
  onChange: (state: LiveState) => void;
}

export class LiveLink {
  readonly #dependencies: LiveLinkDependencies;
  readonly #stopListening: () => void;
  #port: RuntimePort | undefined;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(dependencies: LiveLinkDependencies) {
    this.#dependencies = dependencies;
    // First: a host that starts in this moment is heard, or found.
    this.#stopListening = dependencies.onHostStarted(() => this.#open());
    this.#open();
  }

  /** False where there is nobody to hear it: then there is nothing to close either. */
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
