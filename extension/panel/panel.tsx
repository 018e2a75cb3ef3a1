// The whole panel: notices about problems, the sites of the tab, then other sites with connections.
import type { LiveDocument } from '../../src/protocol/live-messages';
import { text } from '../platform/i18n';
import { runtime } from '../platform/runtime';
import { ask } from '../ui/ask';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { useAnswer } from '../ui/use-answer';
import { Icon } from './icons';
import { groupBySite, otherSites, siteKey } from './live-sites';
import { OtherSites } from './other-sites';
import { LiveSiteView } from './live-site';
import { SiteAccess } from './site-access';
import { SiteCard, SiteHeader } from './site-card';
import { useLive, type Live } from './use-live';
import { useOnline } from './use-online';
import { useTab, type TabView } from './use-tab';

export interface PanelProps {
  tabId: number | undefined;
  isPopup: boolean;
}

export function Panel({ tabId, isPopup }: PanelProps) {
  const live = useLive();
  const isHostInTrouble = useAnswer(readHostTrouble).value ?? false;
  const isOnline = useOnline();
  const tab = useTab(tabId);
  const { value } = tab;

  return (
    <>
      <header class="top">
        <h1 class="brand">
          <img src="/icons/icon-48.png" width="24" height="24" alt="" />
          {text('extensionName')}
        </h1>
        {isPopup && tabId !== undefined && (
          <IconLink
            icon="keepOpen"
            href={runtime.getURL(`extension/panel/index.html?tab=${tabId}`)}
            label={text('panelKeepOpen')}
          />
        )}
        <IconLink
          icon="settings"
          href={runtime.getURL('extension/settings/index.html')}
          label={text('panelSettings')}
        />
      </header>
      <main>
        <SiteAccess />
        {!isOnline && (
          <Notice kind="warning" isNews>
            <p>{text('panelOffline')}</p>
          </Notice>
        )}
        {live.state?.status === 'silent' && (
          <Notice kind="danger" isNews>
            <p>{text('panelHostSilent')}</p>
          </Notice>
        )}
        {isHostInTrouble && live.state?.status !== 'live' && (
          <Notice kind="danger" isNews>
            <p>{text('panelHostTrouble')}</p>
          </Notice>
        )}
        {value === 'closed' && <p class="quiet">{text('panelTabClosed')}</p>}
        {value !== undefined && value !== 'closed' && tabId !== undefined && (
          <ThisTab tabId={tabId} view={value} live={live} reload={tab.reload} />
        )}
      </main>
    </>
  );
}

interface ThisTabProps {
  tabId: number;
  view: TabView;
  live: Live;
  reload: () => Promise<void>;
}

function ThisTab({ tabId, view, live, reload }: ThisTabProps) {
  const { sites, isPrivate } = view;
  const report = live.state?.status === 'live' ? live.state.report : undefined;
  const isOfTab = (document: LiveDocument): boolean => document.tabId === tabId;
  const groups = new Map(report ? groupBySite(report, isOfTab).map((group) => [group.key, group]) : []);
  return (
    <>
      <section class="this-tab" aria-labelledby="this-tab" data-focus-place tabIndex={-1}>
        <h2 id="this-tab" class="unseen">
          {text('panelThisSite')}
        </h2>
        {!sites && (
          <Notice kind="danger" isNews>
            <p>{text('panelUnanswered')}</p>
            <Button isSmall onClick={() => void reload()}>
              {text('panelTryAgain')}
            </Button>
          </Notice>
        )}
        {sites?.length === 0 && groups.size === 0 && <p class="quiet empty">{text('panelNotHere')}</p>}
        {sites?.map((site) => (
          <SiteCard
            key={siteKey(site)}
            site={site}
            tabId={tabId}
            group={groups.get(siteKey(site))}
            live={live}
            reload={reload}
          />
        ))}
        {[...groups.values()]
          .filter(({ key }) => !sites?.some((site) => siteKey(site) === key))
          .map((group) => (
            <section key={group.key} class="site-card" aria-label={group.origin}>
              <SiteHeader site={group} />
              <LiveSiteView group={group} live={live} />
            </section>
          ))}
      </section>
      {report && <OtherSites groups={otherSites(report, tabId, isPrivate)} live={live} />}
    </>
  );
}

function IconLink({ icon, href, label }: { icon: 'settings' | 'keepOpen'; href: string; label: string }) {
  return (
    <a class="icon-button" href={href} target="_blank" rel="noopener" title={label} aria-label={label}>
      <Icon name={icon} />
    </a>
  );
}

/** Resolves with true if the engine host failed to start when it was last needed. */
function readHostTrouble(): Promise<boolean> {
  return ask({ to: 'background', type: 'ui.hostTrouble' });
}
