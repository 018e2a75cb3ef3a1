// A site's permissions and connection settings. They apply to its origin, wherever the site is embedded.
import type { Changes, SiteRow, SiteSettings } from '../../src/protocol/ui-messages';
import { text } from '../platform/i18n';
import { ask } from '../ui/ask';
import { Select } from '../ui/choice';
import { nameOf } from '../ui/site-name';
import { Switch } from '../ui/switch';
import { keepIdOptions, keepConnectionsOptions, relayedOptions, routeOptions, type OwnChoice } from './site-texts';

interface PartProps {
  settings: SiteSettings;
  keepsId: boolean;
  isManaged: (name: keyof SiteSettings) => boolean;
  change: (change: Changes<SiteSettings>) => Promise<void>;
}

export function SiteConditions({ row, reload }: { row: SiteRow; reload: () => Promise<void> }) {
  const part: PartProps = {
    settings: row.settings,
    keepsId: row.keepsId,
    isManaged: (name) => row.managedSettings.includes(name),
    change: async (change) => {
      await ask({ to: 'background', type: 'ui.changeSettings', site: nameOf(row), isPrivate: false, change });
      await reload();
    },
  };
  return (
    <>
      <Permissions {...part} />
      <ConnectionSettings {...part} />
    </>
  );
}

function Permissions({ settings, isManaged, change }: PartProps) {
  return (
    <div class="columns">
      <Switch
        label={text('settingsDataAllowed')}
        isOn={settings.data !== false}
        isManaged={isManaged('data')}
        onSave={(isOn) => change({ data: isOn ? null : false })}
      />
      <Switch
        label={text('settingsCallsAllowed')}
        isOn={settings.calls !== false}
        isManaged={isManaged('calls')}
        onSave={(isOn) => change({ calls: isOn ? null : false })}
      />
      <Select
        label={text('uiKeepId')}
        hint={text('uiKeepIdHint')}
        options={keepIdOptions()}
        value={choiceOf(settings.keepId)}
        isManaged={isManaged('keepId')}
        onSave={(choice) => change({ keepId: settingOf(choice) })}
      />
    </div>
  );
}

function ConnectionSettings({ settings, keepsId, isManaged, change }: PartProps) {
  const { callRoute, relayedOnly, keepConnections } = settings;
  return (
    <div class="columns">
      <Select
        label={text('settingsRelayed')}
        options={relayedOptions()}
        value={choiceOf(relayedOnly)}
        isManaged={isManaged('relayedOnly')}
        onSave={(choice) => change({ relayedOnly: settingOf(choice) })}
      />
      <Select
        label={text('settingsRoute')}
        options={routeOptions()}
        value={callRoute ?? 'default'}
        isManaged={isManaged('callRoute')}
        onSave={(route) => change({ callRoute: route === 'default' ? null : route })}
      />
      <Select
        label={text('uiKeepConnections')}
        hint={keepsId ? undefined : text('uiKeepConnectionsWithoutId')}
        options={keepConnectionsOptions()}
        // Shows the effective value. The stored setting applies again once the site keeps its IDs.
        value={keepsId ? choiceOf(keepConnections) : 'no'}
        isManaged={isManaged('keepConnections')}
        isDisabled={!keepsId}
        onSave={(choice) => change({ keepConnections: settingOf(choice) })}
      />
    </div>
  );
}

function choiceOf(setting: boolean | undefined): OwnChoice {
  if (setting === undefined) return 'default';
  return setting ? 'yes' : 'no';
}

function settingOf(choice: OwnChoice): boolean | null {
  return choice === 'default' ? null : choice === 'yes';
}
