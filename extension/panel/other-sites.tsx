// Collapsible entries for the sites with connections in other tabs.
import { text } from '../platform/i18n';
import { showTab } from '../platform/shown-tab';
import { Button } from '../ui/button';
import { embedding } from '../ui/embedding';
import { formatCount } from './format';
import { LiveSiteView } from './live-site';
import type { LiveSiteGroup } from './live-sites';
import type { Live } from './use-live';

export function OtherSites({ groups, live }: { groups: LiveSiteGroup[]; live: Live }) {
  if (groups.length === 0) return null;
  return (
    <section class="others" aria-labelledby="others" data-focus-place tabIndex={-1}>
      <h2 id="others">{text('panelOtherSites')}</h2>
      {groups.map((group) => (
        <details key={group.key} class="other-site">
          <summary>
            <span class="other-name">
              <bdi class="site">{group.origin}</bdi>
              {group.topOrigin !== undefined && <span class="quiet">{embedding(group, 'panelEmbedded')}</span>}
            </span>
            <span class="count">
              <span aria-hidden="true">{formatCount(group.connections.length)}</span>
              <span class="unseen">{text('panelConnectionCount', formatCount(group.connections.length))}</span>
            </span>
          </summary>
          <LiveSiteView group={group} live={live} />
          <Button isSmall kind="plain" onClick={() => void showTab(group.documents[0]!.tabId)}>
            {text('panelShowTab')}
          </Button>
        </details>
      ))}
    </section>
  );
}
