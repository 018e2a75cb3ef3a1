// The background: service worker in Chrome. Registers every listener at once, because the browser wakes it for an event
// and then delivers that event only to listeners that are already there.
import { request, serve } from '../../src/channel/control';
import { randomHex } from '../../src/protocol/identity';
import { parsePeerStart } from '../../src/protocol/page-messages';
import { closeOffscreenDocument, openOffscreenDocument } from '../platform/offscreen-document';
import { runtime, sendMessage } from '../platform/runtime';
import { onClientMessage } from '../platform/worker-clients';
import { handOver } from './hand-over';
import { Host } from './host';
import { siteDocument } from './sender';

const host = new Host({
  send: (message) => request(sendMessage, message),
  open: openOffscreenDocument,
  close: closeOffscreenDocument,
});

onClientMessage(handOver);

serve(runtime.onMessage, 'background', {
  attach: async ({ start: claimed }, sender) => {
    const document = siteDocument(sender, runtime.id);
    const start = parsePeerStart(claimed);
    if (!document || !start) return { status: 'denied', message: 'No.' };
    const ticket = randomHex();
    await host.expect({ to: 'host', type: 'expect', ticket, document, start, admission: { identities: [] } });
    return { status: 'admitted', ticket };
  },
  admit: async () => ({ status: 'admitted', admission: { identities: [] } }),
  'identity.leased': async () => true,
  'host.idle': async () => {
    await host.closeIfIdle();
    return true;
  },
  'prompt.describe': async () => null,
  'prompt.answer': async () => false,
});
