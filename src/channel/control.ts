// Typed request and reply over the browser's runtime messages. `request` sends, `serve` answers: by a table that names, for
// each request, the kind of sender that may send it. A request whose sender the table does not name reaches no handler.
// Knows nothing of WebExtension APIs: callers pass in the functions that send and listen.
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

type Addressee = ControlRequest['to'];
type TypeTo<To extends Addressee> = Extract<ControlRequest, { to: To }>['type'];
type RequestOf<Type extends ControlRequest['type']> = Extract<ControlRequest, { type: Type }>;

/** A kind of sender that a request can be reserved for. `Known`: what the request's handler learns about the sender. */
export interface SenderKind<Known extends object | true, Request = unknown> {
  /** Completes the error that all other senders get: “Only … may send this request.” */
  name: string;
  /**
   * Undefined for any other sender. Decides by `sender`, the browser's record: whoever can send the request can write
   * whatever they like into it.
   */
  recognize: (sender: Sender, request: Request) => Known | undefined;
}

/** Who may send each request to `To`. Write it with `satisfies`, so that it compiles only if it names every request. */
export type AllowedSenders<To extends Addressee> = {
  [Type in TypeTo<To>]: SenderKind<object | true, RequestOf<Type>>;
};

type KnownBy<Allow, Type> = Type extends keyof Allow
  ? Allow[Type] extends SenderKind<infer Known, never>
    ? Known
    : never
  : never;

/** The handlers of all requests to `To`. A handler is called only for a sender that the table `Allow` names. */
export type ControlHandlers<To extends Addressee, Allow extends AllowedSenders<To>> = {
  [Type in TypeTo<To>]: (request: RequestOf<Type>, sender: KnownBy<Allow, Type>) => Promise<Reply<RequestOf<Type>>>;
};

export interface Service<To extends Addressee, Allow extends AllowedSenders<To>> {
  allow: Allow;
  handlers: ControlHandlers<To, Allow>;
  /** For some requests, the reply to a sender that may not send them. All other such requests reject. */
  refusals?: { [Type in TypeTo<To>]?: Reply<RequestOf<Type>> };
}

/** The extension's page at `pageUrl`, as a kind of sender. */
export function fromPage(name: string, extensionId: string, pageUrl: string): SenderKind<true> {
  return { name, recognize: (sender) => isFromPage(sender, extensionId, pageUrl) || undefined };
}

/** Sends one control request. Rejects if the addressee is gone, refuses the sender, or its handler rejects. */
export async function request<Request extends ControlRequest>(
  sendMessage: SendMessage,
  message: Request,
): Promise<Reply<Request>> {
  const reply = await sendMessage(message);
  if (reply === undefined || reply === null) throw new Error(`Nobody answered ${message.to} ${message.type}`);
  return reply as Reply<Request>;
}

/**
 * Answers the requests to `addressee`, and only of senders that `allow` names. Leaves other messages to other contexts by
 * returning undefined. Call it synchronously at start-up, or the context misses the message that woke it.
 */
export function serve<To extends Addressee, Allow extends AllowedSenders<To>>(
  onMessage: MessageEventSource,
  addressee: To,
  { allow, handlers, refusals }: Service<To, Allow>,
): void {
  onMessage.addListener((message, sender) => {
    if (!isRequestTo(message, addressee)) return undefined;
    const type = message.type as TypeTo<To>;
    if (!Object.hasOwn(allow, type)) return undefined;
    const kind = allow[type] as SenderKind<object | true>;
    const known = kind.recognize(sender, message);
    if (known === undefined) return refuse(kind, refusals?.[type]);
    const handler = handlers[type] as (request: unknown, sender: unknown) => Promise<unknown>;
    return handler(message, known);
  });
}

function refuse({ name }: SenderKind<object | true>, reply: unknown): Promise<unknown> {
  if (reply !== undefined) return Promise.resolve(reply);
  return Promise.reject(new Error(`Only ${name} may send this request.`));
}

function isRequestTo(message: unknown, addressee: Addressee): message is { type: string } {
  if (typeof message !== 'object' || message === null) return false;
  const { to, type } = message as { to?: unknown; type?: unknown };
  return to === addressee && typeof type === 'string';
}
