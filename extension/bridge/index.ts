// A hidden frame in the page that lives for one hand-over: it takes a port from the content script and passes it on
// towards the engine host. It decides nothing; the ticket that comes with the port is checked by the host.
import { deliverToHost } from '#platform/bridge-host';
import type { BridgeDelivery } from '../../src/protocol/control-messages';

/** Tickets have 32 characters. */
const MAX_TICKET_LENGTH = 64;

window.addEventListener('message', ({ data, ports, source }) => {
  const [port] = ports;
  if (source !== window.parent || !port) return;
  // Anyone in the page can post here, and anything: a ticket is all that goes on. The host closes what shows no valid one.
  const { ticket } = (data ?? {}) as Partial<BridgeDelivery>;
  if (typeof ticket !== 'string' || ticket.length > MAX_TICKET_LENGTH) port.close();
  else deliverToHost({ ticket }, port).catch(() => port.close());
});
