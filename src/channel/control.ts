// Typed request and reply over the browser's runtime messages. Knows nothing of WebExtension APIs: callers pass in the
// functions that send and listen.
import type { ControlRequest, Reply } from '../protocol/control-messages';

/** The browser's record of a message's sender: the part of WebExtensions' MessageSender that we use. */
export interface Sender {
  /** The sending extension's ID. Undefined if the sender is not an extension. */
  id?: string | undefined;
  origin?: string | undefined;
  url?: string | undefined;
  documentId?: string | undefined;
  frameId?: number | undefined;
  tab?:
    | {
        id?: number | undefined;
        url?: string | undefined;
        incognito: boolean;
        windowId?: number | undefined;
        /** Only in Firefox. */
        cookieStoreId?: string | undefined;
      }
    | undefined;
}

/** Whether the sender is the extension's page at `pageUrl`, with any query and fragment. */
export function isFromPage({ id, url }: Sender, extensionId: string, pageUrl: string): boolean {
  return id === extensionId && url?.replace(/[?#].*/s, '') === pageUrl;
}

export type SendMessage = (message: unknown) => Promise<unknown>;
type Listener = (message: unknown, sender: Sender) => Promise<unknown> | undefined;
export interface MessageEventSource {
  addListener(listener: Listener): void;
}

type RequestTo<Addressee extends ControlRequest['to']> = Extract<ControlRequest, { to: Addressee }>;

/** One handler for each request type. A handler must check the sender itself, because each type allows other senders. */
export type ControlHandlers<Addressee extends ControlRequest['to']> = {
  [Type in RequestTo<Addressee>['type']]: (
    request: Extract<RequestTo<Addressee>, { type: Type }>,
    sender: Sender,
  ) => Promise<Reply<Extract<RequestTo<Addressee>, { type: Type }>>>;
};

/** Sends one control request. Rejects if the addressee is gone or its handler threw. */
export async function request<Request extends ControlRequest>(
  sendMessage: SendMessage,
  message: Request,
): Promise<Reply<Request>> {
  const reply = await sendMessage(message);
  if (reply === undefined || reply === null) throw new Error(`Nobody answered ${message.to} ${message.type}`);
  return reply as Reply<Request>;
}

/**
 * Answers only requests to `addressee`: by returning undefined for others, it leaves them to other contexts. Call it
 * synchronously at start-up, or the context misses the message that woke it.
 */
export function serve<Addressee extends ControlRequest['to']>(
  onMessage: MessageEventSource,
  addressee: Addressee,
  handlers: ControlHandlers<Addressee>,
): void {
  onMessage.addListener((message, sender) => {
    if (!isRequestTo(message, addressee)) return undefined;
    if (!Object.hasOwn(handlers, message.type)) return undefined;
    const handler = handlers[message.type as keyof typeof handlers] as (
      request: unknown,
      sender: Sender,
    ) => Promise<unknown>;
    return handler(message, sender);
  });
}

function isRequestTo<Addressee extends ControlRequest['to']>(
  message: unknown,
  addressee: Addressee,
): message is RequestTo<Addressee> {
  if (typeof message !== 'object' || message === null) return false;
  const { to, type } = message as { to?: unknown; type?: unknown };
  return to === addressee && typeof type === 'string';
}
