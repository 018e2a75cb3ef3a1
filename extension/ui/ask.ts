// Requests from the extension's pages to the background.
import { request } from '../../src/channel/control';
import type { Reply } from '../../src/protocol/control-messages';
import type { UiRequest } from '../../src/protocol/ui-messages';
import { sendMessage } from '../platform/runtime';

/** Rejects if the background refuses, or cannot be reached. */
export function ask<Request extends UiRequest>(message: Request): Promise<Reply<Request>> {
  return request(sendMessage, message);
}
