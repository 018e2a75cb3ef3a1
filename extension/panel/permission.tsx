// The user's decision about a site, which one click changes.
import { useId } from 'preact/hooks';
import type { TabSite } from '../../src/protocol/ui-messages';
import { text, type TextKey } from '../platform/i18n';
import { ask } from '../ui/ask';
import { Outcome } from '../ui/outcome';
import { nameOf } from '../ui/site-name';
import { useSaving } from '../ui/use-saving';

/** A permanent decision, or `tab`: allowed for this tab only. */
export type Permission = TabSite['decision'] | 'tab';

const CHOICES: { value: Permission; label: TextKey }[] = [
  { value: 'ask', label: 'panelAsk' },
  { value: 'tab', label: 'panelThisTab' },
  { value: 'allow', label: 'panelAllow' },
  { value: 'block', label: 'panelBlock' },
];

export function permissionOf({ decision, isAllowedForTab }: TabSite): Permission {
  return decision === 'ask' && isAllowedForTab ? 'tab' : decision;
}

export interface PermissionProps {
  site: TabSite;
  tabId: number;
  reload: () => Promise<void>;
}

export function PermissionChoice({ site, tabId, reload }: PermissionProps) {
  const id = useId();
  const { shown, state, save } = useSaving(permissionOf(site), async (permission) => {
    await decide(site, tabId, permission);
    await reload();
  });
  return (
    <fieldset class="permission" disabled={site.isManaged || site.isBlockedEverywhere}>
      <legend class="unseen">{text('panelPermissionOf', site.origin)}</legend>
      <div class="segments">
        {CHOICES.map(({ value, label }) => (
          <label key={value} class={`segment ${value}`}>
            <input type="radio" name={id} class="unseen" checked={shown === value} onChange={() => void save(value)} />
            <span>{text(label)}</span>
          </label>
        ))}
      </div>
      <Outcome state={state === 'saved' ? 'idle' : state} />
    </fieldset>
  );
}

async function decide(site: TabSite, tabId: number, permission: Permission): Promise<void> {
  const about = { to: 'background', site: nameOf(site), isPrivate: site.isPrivate } as const;
  if (permission === 'tab') {
    // A permanent decision would override the one for the tab.
    if (site.decision !== 'ask') await ask({ ...about, type: 'ui.decide', decision: 'ask' });
    await ask({ ...about, type: 'ui.allowForTab', tabId });
  } else {
    await ask({ ...about, type: 'ui.decide', decision: permission });
  }
}
