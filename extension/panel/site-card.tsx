// One site of the tab: its permission, status, live connections and settings.
import { text } from '../platform/i18n';
import type { LiveSite } from '../../src/protocol/live-messages';
import { SETTING_NAMES, SITE_SETTINGS, type SettingName, type SiteSettings } from '../../src/protocol/site-settings';
import type { Changes, TabSite } from '../../src/protocol/ui-messages';
import { ask } from '../ui/ask';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { embedding } from '../ui/embedding';
import { nameOf } from '../ui/site-name';
import { hintOf, isUsable } from '../ui/site-setting';
import { Switch } from '../ui/switch';
import type { LiveSiteGroup } from './live-sites';
import { LiveSiteView } from './live-site';
import { PermissionChoice, permissionOf } from './permission';
import { statusOf } from './site-status';
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
  async function change(change: Changes<SiteSettings>): Promise<void> {
    const { isPrivate } = site;
    await ask({ to: 'background', type: 'ui.changeSettings', site: nameOf(site), isPrivate, change });
    await reload();
  }

  return (
    <details class="scope">
      <summary>{text('panelScope')}</summary>
      {SETTING_NAMES.map((name) => (
        <Setting key={name} name={name} site={site} change={change} />
      ))}
    </details>
  );
}

interface SettingProps {
  name: SettingName;
  site: TabSite;
  change: (change: Changes<SiteSettings>) => Promise<void>;
}

/** Nothing for a setting that only the settings page shows. */
function Setting({ name, site: { inEffect, managedSettings }, change }: SettingProps) {
  const row = SITE_SETTINGS[name];
  if (!('panel' in row)) return null;
  return (
    <Switch
      label={text(row.panel.label)}
      hint={hintOf(name, inEffect, 'hint' in row.panel ? row.panel.hint : undefined)}
      isOn={inEffect[name] === true}
      isManaged={managedSettings.includes(name)}
      isDisabled={!isUsable(name, inEffect)}
      onSave={(isOn) => change({ [name]: row.kind === 'permission' && isOn ? null : isOn })}
    />
  );
}
