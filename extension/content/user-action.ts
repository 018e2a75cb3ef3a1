// Tells whether the user has acted in this document, and waits until they do. The background asks the user about a document only
// while they see it and, if it is a frame of another site, after they have clicked or typed in it. A page cannot pretend that:
// the browser itself sets `userActivation` and `isTrusted`, and this file reads the document by methods that no element's name in
// the page can hide.
import type { AttachReply } from '../../src/protocol/control-messages';
import { onDocumentMessage } from '../platform/runtime';

interface Claims {
  ancestors: string[];
  hasUserActed: boolean;
}

/** The events that come with user activation, and with a tab or window that comes to the front. */
const EVENTS = ['mousedown', 'pointerdown', 'pointerup', 'touchend', 'keydown', 'focus', 'visibilitychange'];

/** An action is looked for that often, where its event went to a frame inside, or the page has stopped it. */
const LOOK_MS = 1000;

const hasFocus = Document.prototype.hasFocus.bind(document);
const readVisibility = Object.getOwnPropertyDescriptor(Document.prototype, 'visibilityState')!.get!.bind(document);

/** What the browser's sender record does not have, as it is in this moment. */
export function claims(): Claims {
  // Where a browser has no such list, the background takes a frame for one inside an unknown other.
  const { ancestorOrigins } = location as Partial<Location>;
  const ancestors = ancestorOrigins ? Array.from(ancestorOrigins) : [];
  return { ancestors, hasUserActed: navigator.userActivation.hasBeenActive };
}

/**
 * Asks again and again, each time that the reply may be another one: the user acts in this document, its tab comes to the
 * front, or something was decided. Until then the page waits, as it does for the answer to a prompt.
 */
export async function askWhenAllowed(
  ask: () => Promise<AttachReply>,
): Promise<Exclude<AttachReply, { status: 'not-yet' }>> {
  for (;;) {
    // Begun before the question: what happens while it is under way counts.
    const occasion = nextOccasion();
    const reply = await ask();
    if (reply.status !== 'not-yet') {
      occasion.cancel();
      return reply;
    }
    await occasion.come;
  }
}

let isAnswering = false;

/** Answers the background, which asks about an attached document that wants another Peer. Idempotent. */
export function answerWhetherUserActed(): void {
  if (isAnswering) return;
  isAnswering = true;
  onDocumentMessage(({ type }) => (type === 'hasUserActed' ? claims().hasUserActed : undefined));
}

function nextOccasion(): { come: Promise<void>; cancel: () => void } {
  const listening = new AbortController();
  const { signal } = listening;
  const come = new Promise<void>((resolve) => {
    const listener = ({ isTrusted }: Event): void => {
      if (isTrusted) resolve();
    };
    for (const type of EVENTS) window.addEventListener(type, listener, { capture: true, passive: true, signal });
    const before = standing();
    const timer = setInterval(() => {
      if (standing() !== before) resolve();
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
  return { come: come.then(cancel), cancel };
}

/** All that the background's reply may depend on. */
function standing(): string {
  return [navigator.userActivation.hasBeenActive, readVisibility(), hasFocus()].join();
}
