// Everything about one site: what it may do, how its connections go, its IDs, and the end of it all.
import { useState } from 'preact/hooks';
import type { Changes, SiteRow, SiteSettings } from '../../src/protocol/ui-messages';
import { text } from '../platform/i18n';
import { ask } from '../ui/ask';
import { Button } from '../ui/button';
import { Select } from '../ui/choice';
import { Confirm } from '../ui/confirm';
import { formatMoment } from '../ui/format';
import { Notice } from '../ui/notice';
import { Switch } from '../ui/switch';
import { SiteIdentities } from './site-identities';
import { relayedOptions, routeOptions } from './site-texts';

export interface SiteDetailsProps {
  row: SiteRow;
  reload: () => Promise<void>;
  onForgotten: () => void;
}

export function SiteDetails({ row, reload, onForgotten }: SiteDetailsProps) {
  const { settings, decidedAt, privateServers } = row;

  async function change(change: Changes<SiteSettings>): Promise<void> {
    await ask({ to: 'background', type: 'ui.changeSettings', site: nameOf(row), isPrivate: false, change });
    await reload();
  }

  return (
    <div class="site-details">
      <div class="columns">
        <Switch
          label={text('settingsDataAllowed')}
          isOn={settings.data !== false}
          keep={(isOn) => change({ data: isOn ? null : false })}
        />
        <Switch
          label={text('settingsCallsAllowed')}
          isOn={settings.calls !== false}
          keep={(isOn) => change({ calls: isOn ? null : false })}
        />
        <Switch
          label={text('settingsFreshId')}
          hint={text('settingsFreshIdHint')}
          isOn={settings.freshId === true}
          keep={(isOn) => change({ freshId: isOn ? true : null })}
        />
      </div>
      <div class="columns">
        <Select
          label={text('settingsRelayed')}
          options={relayedOptions()}
          value={settings.relayedOnly === undefined ? 'default' : settings.relayedOnly ? 'yes' : 'no'}
          keep={(choice) => change({ relayedOnly: choice === 'default' ? null : choice === 'yes' })}
        />
        <Select
          label={text('settingsRoute')}
          options={routeOptions()}
          value={settings.callRoute ?? 'default'}
          keep={(route) => change({ callRoute: route === 'default' ? null : route })}
        />
      </div>
      <SiteIdentities row={row} reload={reload} />
      {privateServers.length > 0 && (
        <div>
          <h3>{text('settingsPrivateServers')}</h3>
          <p>
            <bdi>{privateServers.join(', ')}</bdi>
          </p>
        </div>
      )}
      <div class="actions">
        <ForgetSite row={row} reload={reload} onForgotten={onForgotten} />
        {decidedAt !== undefined && <span class="quiet">{text('settingsDecidedAt', formatMoment(decidedAt))}</span>}
      </div>
    </div>
  );
}

function ForgetSite({ row, reload, onForgotten }: SiteDetailsProps) {
  const [isAsking, setAsking] = useState(false);
  const [isFailed, setFailed] = useState(false);

  async function forget(): Promise<void> {
    setAsking(false);
    try {
      await ask({ to: 'background', type: 'ui.forgetSite', site: nameOf(row), isPrivate: false });
      await reload();
      onForgotten();
    } catch {
      setFailed(true);
    }
  }

  return (
    <>
      <Button kind="danger" isSmall onClick={() => setAsking(true)}>
        {text('settingsForget')}
      </Button>
      {isFailed && (
        <Notice kind="danger" isNews>
          {text('uiNotSaved')}
        </Notice>
      )}
      {isAsking && (
        <Confirm
          question={text('settingsForgetQuestion', row.origin)}
          consequence={text('settingsForgetConsequence')}
          action={text('settingsForget')}
          onConfirm={() => void forget()}
          onCancel={() => setAsking(false)}
        />
      )}
    </>
  );
}

function nameOf({ origin, topOrigin }: SiteRow): { origin: string; topOrigin?: string } {
  return topOrigin === undefined ? { origin } : { origin, topOrigin };
}
