// The settings for all sites: the default decision, privacy, IDs, reloads, and limits.
import { MOST_FOR_A_SITE } from '../../src/protocol/host-limits';
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

function Privacy({ view: { policy, managed }, change }: PartProps) {
  return (
    <section class="group">
      <h3>{text('settingsPrivacy')}</h3>
      <Switch
        label={text('settingsRelayedOnly')}
        hint={text('settingsRelayedOnlyHint')}
        isOn={policy.relayedOnly}
        isManaged={managed.includes('relayedOnly')}
        onSave={(relayedOnly) => change({ relayedOnly })}
      />
      <Switch
        label={text('settingsKeepId')}
        hint={text('settingsKeepIdHint')}
        isOn={policy.keepId}
        isManaged={managed.includes('keepId')}
        onSave={(keepId) => change({ keepId })}
      />
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

function Reloads({ view: { policy, managed }, change }: PartProps) {
  return (
    <section class="group">
      <h3>{text('settingsReloads')}</h3>
      <Switch
        label={text('settingsKeepConnections')}
        hint={text('settingsKeepConnectionsHint')}
        isOn={policy.keepConnections}
        isManaged={managed.includes('keepConnections')}
        onSave={(keepConnections) => change({ keepConnections })}
      />
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
            const most = MOST_FOR_A_SITE[name] / unit;
            return parseCount(typed, most) === undefined ? text('settingsNotACount', String(most)) : undefined;
          }}
          onSave={(typed) => change(({ limits }) => ({ limits: { ...limits, [name]: Number(typed) * unit } }))}
        />
      ))}
    </section>
  );
}
