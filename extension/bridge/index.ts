// Runs in a hidden frame in the page, for the length of one hand-over: takes a port from the content script and passes it on
// towards the engine host. Decides nothing: the host checks the ticket that comes with the port.
import { deliverToHost } from '#platform/bridge-host';
import type { BridgeDelivery } from '../../src/protocol/control-messages';

/** Tickets have 32 characters. */
const MAX_TICKET_LENGTH = 64;

window.addEventListener('message', ({ data, ports, source }) => {
  const [port] = ports;
  if (source !== window.parent || !port) return;
  // Any script in the page can post anything here, so only a ticket is passed on. The host closes ports without a valid ticket.
  const { ticket } = (data ?? {}) as Partial<BridgeDelivery>;
  if (typeof ticket !== 'string' || ticket.length > MAX_TICKET_LENGTH) port.close();
  else deliverToHost({ ticket }, port).catch(() => port.close());
});
