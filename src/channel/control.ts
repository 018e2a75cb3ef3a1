// Typed request and reply over the browser's runtime messages. Knows nothing of WebExtension APIs: it is given the
// functions that send and listen.
import type { ControlRequest, Reply } from '../protocol/control-messages';

/** What the browser reports of a message's sender; the part of WebExtensions' MessageSender that we use. */
export interface Sender {
  /** The extension's ID; undefined for messages from elsewhere. */
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
        /** In Firefox alone. */
        cookieStoreId?: string | undefined;
      }
    | undefined;
}

/** Whether it is this page of the extension, whatever its query. */
export function isFromPage({ id, url }: Sender, extensionId: string, pageUrl: string): boolean {
  return id === extensionId && url?.replace(/[?#].*/s, '') === pageUrl;
}

export type SendMessage = (message: unknown) => Promise<unknown>;
type Listener = (message: unknown, sender: Sender) => Promise<unknown> | undefined;
export interface MessageEventSource {
  addListener(listener: Listener): void;
}

type RequestTo<Addressee extends ControlRequest['to']> = Extract<ControlRequest, { to: Addressee }>;

/** One handler a request type; it checks the sender itself, since who may ask differs by request. */
export type ControlHandlers<Addressee extends ControlRequest['to']> = {
  [Type in RequestTo<Addressee>['type']]: (
    request: Extract<RequestTo<Addressee>, { type: Type }>,
    sender: Sender,
  ) => Promise<Reply<Extract<RequestTo<Addressee>, { type: Type }>>>;
};

/** Sends one control request. Rejects if nobody answers: the addressee is gone, or its handler threw. */
export async function request<Request extends ControlRequest>(
  sendMessage: SendMessage,
  message: Request,
): Promise<Reply<Request>> {
  const reply = await sendMessage(message);
  if (reply === undefined || reply === null) {
    if (message.type === 'prompt.describe') return null as Reply<Request>;
    throw new Error(`Nobody answered ${message.to} ${message.type}`);
  }
  return reply as Reply<Request>;
}

/**
 * Answers the requests that name `addressee`, and no others: a listener that returns nothing leaves the message to the
 * other contexts. Register it synchronously at start-up, or the message that woke the context is missed.
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
