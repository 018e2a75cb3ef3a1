// A PeerServer as the user is told of it. Built from the URL as the browser will read it, because the page chooses the
// parts: a host of `trusted.example@10.0.0.1` or a port of `80@10.0.0.1` would else show one server and reach another.
import { serverLabel, serverUrl, type PeerServerAddress } from '../protocol/peer-server';
import type { NamedServer } from '../protocol/control-messages';
import { isPrivateHost } from './private-address';

export function nameServer(server: PeerServerAddress): NamedServer {
  const url = parse(serverUrl(server));
  // What is no URL reaches nobody: the socket fails, whatever is allowed.
  if (!url) return { label: serverLabel(server), isPrivate: false };
  return { label: url.host, isPrivate: isPrivateHost(url.hostname) };
}

/** Whether pages of this origin are themselves served from this machine or its local network. */
export function isPrivateOrigin(origin: string): boolean {
  const url = parse(origin);
  return url !== undefined && isPrivateHost(url.hostname);
}

function parse(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}
