// The Peers of one site, and the button that ends all their connections.
import { text } from '../platform/i18n';
import { Button } from '../ui/button';
import { nameOf } from '../ui/site-name';
import { formatCount } from './format';
import type { LiveSiteGroup } from './live-sites';
import { PeerItem, PROBLEMS } from './peer-item';
import type { Live } from './use-live';

export interface LiveSiteViewProps {
  group: LiveSiteGroup;
  live: Live;
}

export function LiveSiteView({ group, live }: LiveSiteViewProps) {
  const { documents, connections, origin, isPrivate } = group;
  const peers = documents.flatMap((document) => document.peers);
  const failures = documents.flatMap(({ failure }) => (failure ? [failure] : []));
  return (
    <div class="live-site" data-focus-place tabIndex={-1}>
      <ul class="peers" aria-label={text('panelPeersOf', origin)}>
        {peers.map((peer) => (
          <PeerItem key={peer.key} peer={peer} history={live.history} send={live.send} />
        ))}
      </ul>
      {failures.map(({ server, problem }) => (
        <p key={`${server} ${problem}`} class="facts state-disconnected">
          <span class="dot" aria-hidden="true" />
          {text(PROBLEMS[problem], server)}
        </p>
      ))}
      {connections.length > 1 && (
        <Button
          kind="danger"
          isSmall
          label={text('panelCloseAllOf', origin)}
          onClick={() => {
            live.send({ type: 'closeAll', ...nameOf(group), isPrivate });
          }}
        >
          {text('panelCloseAll', formatCount(connections.length))}
        </Button>
      )}
    </div>
  );
}
