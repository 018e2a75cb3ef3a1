// One site of the tab: its permission, status, live connections and settings.
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
import { statusOf } from './standing';
import type { Live } from './use-live';

export interface SiteCardProps {
  site: TabSite;
  tabId: number;
  /** The site's live documents. Undefined if it has none. */
  group: LiveSiteGroup | undefined;
  live: Live;
  reload: () => Promise<void>;
}

export function SiteCard({ site, tabId, group, live, reload }: SiteCardProps) {
  const { origin, isPrivate } = site;
  const hasPeers = (group?.documents ?? []).some(({ peers, failure }) => peers.length > 0 || failure);
  const about = { to: 'background', site: nameOf(site), isPrivate } as const;

  async function then(action: Promise<unknown>): Promise<void> {
    // No error message: after a refused action, the reload shows that nothing has changed.
    await action.catch(() => undefined);
    await reload();
  }

  return (
    <section class="site-card" aria-label={origin}>
      <SiteHeader site={site} />
      <PermissionChoice site={site} tabId={tabId} reload={reload} />
      <StatusText
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

interface StatusTextProps {
  site: TabSite;
  hasPeers: boolean;
  onShowPrompt: () => void;
  onAskAgain: () => void;
}

function StatusText({ site, hasPeers, onShowPrompt, onAskAgain }: StatusTextProps) {
  const status = statusOf(site, hasPeers);
  switch (status) {
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
      return status satisfies never;
  }
}

/** The permissions of a site that is not blocked. They apply to its origin, wherever the site is embedded. */
function Scope({ site, reload }: { site: TabSite; reload: () => Promise<void> }) {
  const { settings, managedSettings, keepsId, keepsConnections, isPrivate } = site;

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
        onSave={(isOn) => change({ data: isOn ? null : false })}
      />
      <Switch
        label={text('panelScopeCalls')}
        isOn={settings.calls !== false}
        isManaged={managedSettings.includes('calls')}
        onSave={(isOn) => change({ calls: isOn ? null : false })}
      />
      <Switch
        label={text('uiKeepId')}
        hint={text('uiKeepIdHint')}
        isOn={keepsId}
        isManaged={managedSettings.includes('keepId')}
        onSave={(keepId) => change({ keepId })}
      />
      <Switch
        label={text('uiKeepConnections')}
        hint={text(keepsId ? 'panelScopeKeepConnectionsHint' : 'uiKeepConnectionsWithoutId')}
        isOn={keepsConnections}
        isManaged={managedSettings.includes('keepConnections')}
        isDisabled={!keepsId}
        onSave={(keepConnections) => change({ keepConnections })}
      />
    </details>
  );
}
