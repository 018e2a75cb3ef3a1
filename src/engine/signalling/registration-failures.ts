// Reasons why a Peer could not register: PeerJS's sentences for the page's developer (lib/peer.ts, lib/api.ts), and the
// live view's names for them.
import type { UsedServer } from '../../protocol/control-messages';
import { CLOUD_HOST } from '../../protocol/peer-server';

export const PROBLEMS = {
  'unavailable-id': 'id-taken',
  'invalid-key': 'invalid-key',
  'server-error': 'server-error',
} as const;

export function idTaken(id: string | undefined): string {
  return `ID "${id}" is taken`;
}

/** Does not reveal the key of the user's own server to the page. */
export function invalidKey({ server, isOwnServer }: UsedServer): string {
  if (isOwnServer) return 'The PeerServer that the user has chosen refuses its key.';
  return `API KEY "${server.key}" is invalid`;
}

export function noId({ server, isOwnServer }: UsedServer): string {
  const pathHint =
    server.path === '/' && server.host !== CLOUD_HOST && !isOwnServer
      ? " If you passed in a `path` to your self-hosted PeerServer, you'll also need to pass in that same path when creating a new Peer."
      : '';
  return `Could not get an ID from the server.${pathHint}`;
}
