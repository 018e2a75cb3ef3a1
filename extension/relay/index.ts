// Runs the relay in Firefox's SharedWorker, between bridge frames and the event page.
import { Relay } from './relay';

declare const self: SharedWorkerGlobalScope;

const relay = new Relay();

self.onconnect = ({ ports }) => {
  const [port] = ports;
  if (port) relay.connect(port);
};
