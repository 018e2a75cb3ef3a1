// Reports whether the user has clicked or typed in this document, and waits until they do. The background asks the user about a
// document only while its tab is in front and, if it is a frame of another site, after the user has acted in it. A page cannot
// forge either: the browser itself sets `userActivation` and `isTrusted`, and this file reads the document by methods that named
// elements of the page cannot shadow.
import type { AttachReply } from '../../src/protocol/control-messages';
import { onDocumentMessage } from '../platform/runtime';

interface Claims {
  ancestors: string[];
  hasUserActed: boolean;
}

/** Events that accompany user activation, or a tab or window that comes to the front. */
const EVENTS = ['mousedown', 'pointerdown', 'pointerup', 'touchend', 'keydown', 'focus', 'visibilitychange'];

/** The interval of polling for an action whose event went to a nested frame, or was stopped by the page. */
const LOOK_MS = 1000;

const hasFocus = Document.prototype.hasFocus.bind(document);
const readVisibility = Object.getOwnPropertyDescriptor(Document.prototype, 'visibilityState')!.get!.bind(document);

/** The current values of what the browser's sender record lacks. */
export function claims(): Claims {
  // If the browser lacks this list, the background treats a frame as nested in a frame of an unknown site.
  const { ancestorOrigins } = location as Partial<Location>;
  const ancestors = ancestorOrigins ? Array.from(ancestorOrigins) : [];
  return { ancestors, hasUserActed: navigator.userActivation.hasBeenActive };
}

/**
 * Repeats the request while the reply is `not-yet`, each time after an event that may change the reply: the user acts in this
 * document, its tab comes to the front, or the background announces a decision.
 */
export async function askWhenAllowed(
  ask: () => Promise<AttachReply>,
): Promise<Exclude<AttachReply, { status: 'not-yet' }>> {
  for (;;) {
    // Started before the request, so that an event during the request counts.
    const occasion = nextOccasion();
    const reply = await ask();
    if (reply.status !== 'not-yet') {
      occasion.cancel();
      return reply;
    }
    await occasion.arrival;
  }
}

let isAnswering = false;

/** Answers the background when it asks whether the user has acted in this attached document. Idempotent. */
export function answerWhetherUserActed(): void {
  if (isAnswering) return;
  isAnswering = true;
  onDocumentMessage(({ type }) => (type === 'hasUserActed' ? claims().hasUserActed : undefined));
}

/** The next event that may change the background's reply. */
function nextOccasion(): { arrival: Promise<void>; cancel: () => void } {
  const listening = new AbortController();
  const { signal } = listening;
  const arrival = new Promise<void>((resolve) => {
    const listener = ({ isTrusted }: Event): void => {
      if (isTrusted) resolve();
    };
    for (const type of EVENTS) window.addEventListener(type, listener, { capture: true, passive: true, signal });
    const before = currentState();
    const timer = setInterval(() => {
      if (currentState() !== before) resolve();
    }, LOOK_MS);
    const stop = onDocumentMessage(({ type }) => {
      if (type === 'decided') resolve();
    });
    signal.addEventListener('abort', () => {
      clearInterval(timer);
      stop();
    });
  });
  const cancel = (): void => listening.abort();
  return { arrival: arrival.then(cancel), cancel };
}

/** The document's state, as far as the background's reply may depend on it. */
function currentState(): string {
  return [navigator.userActivation.hasBeenActive, readVisibility(), hasFocus()].join();
}
