// What a page of the extension asks of the background.
import type { UiReplyTo, UiRequest } from '../../src/protocol/ui-messages';
import { sendMessage } from '../platform/runtime';

/** Rejects if the background refuses, or cannot be reached. */
export async function ask<Request extends UiRequest>(request: Request): Promise<UiReplyTo[Request['type']]> {
  const reply = await sendMessage(request);
  if (reply === undefined || reply === null) throw new Error(`Nobody answered ${request.type}`);
  return reply as UiReplyTo[Request['type']];
}
