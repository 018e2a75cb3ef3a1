// The settings for all sites: the default decision, privacy, IDs, reloads, and limits.
import { MAX_SITE_LIMITS } from '../../src/protocol/host-limits';
import { PREFERENCES, SITE_SETTINGS, type PreferenceName } from '../../src/protocol/site-settings';
import type { Limits, PolicyView, SiteDecision } from '../../src/protocol/ui-messages';
import { text, type TextKey } from '../platform/i18n';
import { Choice, type Option } from '../ui/choice';
import { ManagedNote } from '../ui/managed-note';
import { Notice } from '../ui/notice';
import { Switch } from '../ui/switch';
import { TextField } from '../ui/text-field';
import { Answered } from './answered';
import { parseCount } from './numbers';
import { isRelay } from './server-input';
import { usePolicy, type PolicyChange } from './use-policy';

const MIB = 1024 * 1024;

interface LimitField {
  name: keyof Limits;
  label: TextKey;
  hint: TextKey;
  /** The typed number is multiplied by this factor to get the limit. */
  unit: number;
}

const LIMITS: LimitField[] = [
  { name: 'peers', label: 'settingsLimitPeers', hint: 'settingsLimitPeersHint', unit: 1 },
  { name: 'connections', label: 'settingsLimitConnections', hint: 'settingsLimitConnectionsHint', unit: 1 },
  { name: 'queuedBytes', label: 'settingsLimitQueued', hint: 'settingsLimitQueuedHint', unit: MIB },
];

interface PartProps {
  view: PolicyView;
  change: (change: PolicyChange) => Promise<void>;
}

export function GeneralSection() {
  const { answer, change } = usePolicy();
  return (
    <Answered answer={answer}>
      {(view) => (
        <>
          <FirstContact view={view} change={change} />
          <Privacy view={view} change={change} />
          <Reloads view={view} change={change} />
          <Bounds view={view} change={change} />
        </>
      )}
    </Answered>
  );
}

function FirstContact({ view: { policy, managed }, change }: PartProps) {
  const options: Option<SiteDecision>[] = [
    { value: 'ask', label: text('settingsDefaultAsk'), hint: text('settingsDefaultAskHint') },
    { value: 'allow', label: text('settingsDefaultAllow'), hint: text('settingsDefaultAllowHint') },
    { value: 'block', label: text('settingsDefaultBlock'), hint: text('settingsDefaultBlockHint') },
  ];
  return (
    <section class="group">
      <Choice
        label={text('settingsDefault')}
        options={options}
        value={policy.defaultDecision}
        isManaged={managed.includes('defaultDecision')}
        onSave={(defaultDecision) => change({ defaultDecision })}
      />
    </section>
  );
}

type Section = (typeof SITE_SETTINGS)[PreferenceName]['general']['section'];

/** A switch for each preference of this section. */
function Preferences({ section, view: { policy, managed }, change }: PartProps & { section: Section }) {
  return (
    <>
      {PREFERENCES.filter((name) => SITE_SETTINGS[name].general.section === section).map((name) => (
        <Switch
          key={name}
          label={text(SITE_SETTINGS[name].general.label)}
          hint={text(SITE_SETTINGS[name].general.hint)}
          isOn={policy[name]}
          isManaged={managed.includes(name)}
          onSave={(isOn) => change({ [name]: isOn })}
        />
      ))}
    </>
  );
}

function Privacy({ view, change }: PartProps) {
  const { policy } = view;
  return (
    <section class="group">
      <h3>{text('settingsPrivacy')}</h3>
      <Preferences section="privacy" view={view} change={change} />
      {policy.relayedOnly && !policy.iceServers.some(isRelay) && (
        <Notice kind="warning">
          <p>
            {text('settingsNoRelay')} <a href="#servers">{text('settingsNoRelayLink')}</a>
          </p>
        </Notice>
      )}
    </section>
  );
}

function Reloads({ view, change }: PartProps) {
  const { policy } = view;
  return (
    <section class="group">
      <h3>{text('settingsReloads')}</h3>
      <Preferences section="reloads" view={view} change={change} />
      {policy.keepConnections && !policy.keepId && (
        <Notice kind="info">
          <p>{text('settingsKeepConnectionsNeedsId')}</p>
        </Notice>
      )}
    </section>
  );
}

function Bounds({ view: { policy, managed }, change }: PartProps) {
  const isManaged = managed.includes('limits');
  return (
    <section class="group">
      <h3>{text('settingsLimits')}</h3>
      <p class="hint">{text('settingsLimitsHint')}</p>
      {isManaged && <ManagedNote />}
      {LIMITS.map(({ name, label, hint, unit }) => (
        <TextField
          key={name}
          type="number"
          isShort
          label={text(label)}
          hint={text(hint)}
          value={String(Math.round((policy.limits[name] / unit) * 100) / 100)}
          isDisabled={isManaged}
          check={(typed) => {
            const most = MAX_SITE_LIMITS[name] / unit;
            return parseCount(typed, most) === undefined ? text('settingsNotACount', String(most)) : undefined;
          }}
          onSave={(typed) => change(({ limits }) => ({ limits: { ...limits, [name]: Number(typed) * unit } }))}
        />
      ))}
    </section>
  );
}
