// Shows a switch or drop-down for each row of site-settings.ts: a site's permissions and connection settings. They apply to
// the site's origin, wherever the site is embedded.
import { SETTING_NAMES, SITE_SETTINGS, type SettingName, type SiteSettings } from '../../src/protocol/site-settings';
import type { Changes, SiteRow } from '../../src/protocol/ui-messages';
import { text, type TextKey } from '../platform/i18n';
import { ask } from '../ui/ask';
import { Select } from '../ui/choice';
import { nameOf } from '../ui/site-name';
import { hintOf, isUsable } from '../ui/site-setting';
import { Switch } from '../ui/switch';

type Section = (typeof SITE_SETTINGS)[SettingName]['details']['section'];

const SECTIONS: Section[] = ['permissions', 'connections'];

export function SiteConditions({ row, reload }: { row: SiteRow; reload: () => Promise<void> }) {
  async function change(change: Changes<SiteSettings>): Promise<void> {
    await ask({ to: 'background', type: 'ui.changeSettings', site: nameOf(row), isPrivate: false, change });
    await reload();
  }

  return (
    <>
      {SECTIONS.map((section) => (
        <div class="columns" key={section}>
          {SETTING_NAMES.filter((name) => SITE_SETTINGS[name].details.section === section).map((name) => (
            <Setting key={name} name={name} row={row} change={change} />
          ))}
        </div>
      ))}
    </>
  );
}

interface SettingProps {
  name: SettingName;
  row: SiteRow;
  change: (change: Changes<SiteSettings>) => Promise<void>;
}

/** A switch for a permission; a drop-down for a setting that can also follow the policy or the page. */
function Setting({ name, row: { settings, inEffect, managedSettings }, change }: SettingProps) {
  const { details } = SITE_SETTINGS[name];
  const label = text(details.label);
  const isManaged = managedSettings.includes(name);
  if (!('options' in details)) {
    const save = (isOn: boolean) => change({ [name]: isOn ? null : false });
    return <Switch label={label} isOn={inEffect[name] === true} isManaged={isManaged} onSave={save} />;
  }
  const choices = Object.entries<TextKey>(details.options);
  return (
    <Select
      label={label}
      hint={hintOf(name, inEffect, 'hint' in details ? details.hint : undefined)}
      options={choices.map(([value, key]) => ({ value, label: text(key) }))}
      // Shows the effective value. The stored setting applies again once the setting that it needs is on.
      value={isUsable(name, inEffect) ? choiceOf(settings[name]) : 'no'}
      isManaged={isManaged}
      isDisabled={!isUsable(name, inEffect)}
      onSave={(choice) => change({ [name]: settingOf(choice) })}
    />
  );
}

function choiceOf(setting: boolean | string | undefined): string {
  if (setting === undefined) return 'default';
  return typeof setting === 'string' ? setting : setting ? 'yes' : 'no';
}

function settingOf(choice: string): boolean | string | null {
  if (choice === 'default') return null;
  return choice === 'yes' || choice === 'no' ? choice === 'yes' : choice;
}
