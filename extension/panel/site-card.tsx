// One site of the tab: what it may do, and what it does.
import { text } from '../platform/i18n';
import type { LiveSite } from '../../src/protocol/live-messages';
import type { Changes, SiteSettings, TabSite } from '../../src/protocol/ui-messages';
import { ask } from '../ui/ask';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { embedding } from '../ui/embedding';
import { nameOf } from '../ui/site-name';
import { Switch } from '../ui/switch';
import type { LiveSiteGroup } from './live-sites';
import { LiveSiteView } from './live-site';
import { PermissionChoice, permissionOf } from './permission';
import { standingOf } from './standing';
import type { Live } from './use-live';

export interface SiteCardProps {
  site: TabSite;
  tabId: number;
  /** Undefined: nothing of it is live. */
  group: LiveSiteGroup | undefined;
  live: Live;
  reload: () => Promise<void>;
}

export function SiteCard({ site, tabId, group, live, reload }: SiteCardProps) {
  const { origin, isPrivate } = site;
  const hasPeers = (group?.documents ?? []).some(({ peers, failure }) => peers.length > 0 || failure);
  const about = { to: 'background', site: nameOf(site), isPrivate } as const;

  async function then(action: Promise<unknown>): Promise<void> {
    // What is refused shows as what has not changed.
    await action.catch(() => undefined);
    await reload();
  }

  return (
    <section class="site-card" aria-label={origin}>
      <SiteHeader site={site} />
      <PermissionChoice site={site} tabId={tabId} reload={reload} />
      <StandingWords
        site={site}
        hasPeers={hasPeers}
        onShowPrompt={() => void then(ask({ ...about, type: 'ui.showPrompt' }))}
        onAskAgain={() => void then(ask({ ...about, type: 'ui.decide', decision: 'ask' }))}
      />
      {group && <LiveSiteView group={group} live={live} />}
      {permissionOf(site) !== 'block' && <Scope site={site} reload={reload} />}
    </section>
  );
}

export function SiteHeader({ site }: { site: LiveSite }) {
  const around = embedding(site, 'panelEmbedded');
  return (
    <header>
      <h3 class="site">
        <bdi>{site.origin}</bdi>
      </h3>
      {around !== '' && <p class="quiet">{around}</p>}
      {site.isPrivate && <p class="quiet">{text('panelPrivateWindow')}</p>}
    </header>
  );
}

interface StandingWordsProps {
  site: TabSite;
  hasPeers: boolean;
  onShowPrompt: () => void;
  onAskAgain: () => void;
}

function StandingWords({ site, hasPeers, onShowPrompt, onAskAgain }: StandingWordsProps) {
  const standing = standingOf(site, hasPeers);
  switch (standing) {
    case 'waiting':
      return (
        <Notice kind="warning" isNews>
          <p>{text('panelWaiting')}</p>
          <Button isSmall onClick={onShowPrompt}>
            {text('panelShowPrompt')}
          </Button>
        </Notice>
      );
    case 'muted':
      return (
        <Notice kind="warning">
          <p>{text('panelMuted')}</p>
          <Button isSmall onClick={onAskAgain}>
            {text('panelAskAgain')}
          </Button>
        </Notice>
      );
    case 'managed':
      return <p class="quiet">{text('panelManaged')}</p>;
    case 'blocked-everywhere':
      return <p class="quiet">{text('panelBlockedEverywhere')}</p>;
    case 'blocked':
      return <p class="quiet">{text('panelBlocked')}</p>;
    case 'dismissed':
      return <p class="quiet">{text('panelDismissed')}</p>;
    case 'not-yet-asked':
      return <p class="quiet">{text('panelNotYetAsked')}</p>;
    case 'never-asked':
      return <p class="quiet">{text('panelNeverAsked')}</p>;
    case 'no-peer':
      return <p class="quiet">{text('panelNoPeer')}</p>;
    case 'live':
      return null;
    default:
      return standing satisfies never;
  }
}

/** What an allowed site may have. Belongs to the origin, wherever it is embedded. */
function Scope({ site, reload }: { site: TabSite; reload: () => Promise<void> }) {
  const { settings, managedSettings, keepsId, keepsLinks, isPrivate } = site;

  async function change(change: Changes<SiteSettings>): Promise<void> {
    await ask({ to: 'background', type: 'ui.changeSettings', site: nameOf(site), isPrivate, change });
    await reload();
  }

  return (
    <details class="scope">
      <summary>{text('panelScope')}</summary>
      <Switch
        label={text('panelScopeData')}
        isOn={settings.data !== false}
        isManaged={managedSettings.includes('data')}
        keep={(isOn) => change({ data: isOn ? null : false })}
      />
      <Switch
        label={text('panelScopeCalls')}
        isOn={settings.calls !== false}
        isManaged={managedSettings.includes('calls')}
        keep={(isOn) => change({ calls: isOn ? null : false })}
      />
      <Switch
        label={text('uiKeepId')}
        hint={text('uiKeepIdHint')}
        isOn={keepsId}
        isManaged={managedSettings.includes('keepId')}
        keep={(keepId) => change({ keepId })}
      />
      <Switch
        label={text('uiKeepLinks')}
        hint={text(keepsId ? 'panelScopeKeepLinksHint' : 'uiKeepLinksWithoutId')}
        isOn={keepsLinks}
        isManaged={managedSettings.includes('keepLinks')}
        isDisabled={!keepsId}
        keep={(keepLinks) => change({ keepLinks })}
      />
    </details>
  );
}
