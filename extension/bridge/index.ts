// A hidden frame in the page that lives for one hand-over: it takes a port from the content script and passes it on
// towards the engine host. It decides nothing; the ticket that comes with the port is checked by the host.
import { deliverToHost } from '#platform/bridge-host';

window.addEventListener('message', ({ data, ports, source }) => {
  const [port] = ports;
  // Anyone in the page can post here; what shows no valid ticket is closed by the host.
  if (source === window.parent && port) void deliverToHost(data, port);
});
