// One Peer of a page: its ID, its state at the PeerServer, and its connections.
import type { LiveCommand, LivePeer, LiveProblem } from '../../src/protocol/live-messages';
import { text, type TextKey } from '../platform/i18n';
import { CopyButton } from '../ui/copy-button';
import { ConnectionItem } from './connection-item';
import type { TrafficHistory } from './traffic-history';

const STATES: Record<LivePeer['state'], TextKey> = {
  connecting: 'panelPeerConnecting',
  open: 'panelPeerOpen',
  disconnected: 'panelPeerDisconnected',
  waiting: 'panelPeerWaiting',
};

export const PROBLEMS: Record<LiveProblem, TextKey> = {
  unreachable: 'panelUnreachable',
  'id-taken': 'panelIdTaken',
  'invalid-key': 'panelInvalidKey',
  'server-error': 'panelServerError',
};

export interface PeerItemProps {
  peer: LivePeer;
  history: TrafficHistory;
  send: (command: LiveCommand) => void;
}

export function PeerItem({ peer, history, send }: PeerItemProps) {
  const { id, state, server, problem, connections } = peer;
  return (
    <li class="peer" data-focus-place tabIndex={-1}>
      <div class="peer-head">
        {id === undefined ? (
          <span class="quiet">{text('panelNoId')}</span>
        ) : (
          <>
            <bdi class="mono peer-id">{id}</bdi>
            <CopyButton content={id} label={text('panelCopyId', id)} />
          </>
        )}
      </div>
      <p class={`facts state-${problem ? 'disconnected' : state}`}>
        <span class="dot" aria-hidden="true" />
        {problem ? text(PROBLEMS[problem], server) : text(STATES[state], server)}
      </p>
      {connections.length > 0 && (
        <ul class="connections" aria-label={text('panelConnectionsOf', id ?? server)}>
          {connections.map((connection) => (
            <ConnectionItem
              key={connection.key}
              connection={connection}
              traffic={history.of(connection.key)}
              onClose={() => send({ type: 'close', connectionKey: connection.key })}
            />
          ))}
        </ul>
      )}
      {connections.length === 0 && state === 'open' && <p class="quiet">{text('panelNoConnection')}</p>}
    </li>
  );
}
