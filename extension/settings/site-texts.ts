// What can be chosen for a site, in words.
import type { SiteDecision } from '../../src/protocol/ui-messages';
import { text } from '../platform/i18n';
import type { Option } from '../ui/choice';

export function decisionOptions(): Option<SiteDecision>[] {
  return [
    { value: 'ask', label: text('settingsAsk') },
    { value: 'allow', label: text('settingsAllow') },
    { value: 'block', label: text('settingsBlock') },
  ];
}

export function routeOptions(): Option<'default' | 'hosted' | 'direct'>[] {
  return [
    { value: 'default', label: text('settingsRouteDefault') },
    { value: 'hosted', label: text('settingsRouteHosted') },
    { value: 'direct', label: text('settingsRouteDirect') },
  ];
}

export function relayedOptions(): Option<'default' | 'yes' | 'no'>[] {
  return [
    { value: 'default', label: text('settingsRelayedDefault') },
    { value: 'yes', label: text('settingsRelayedYes') },
    { value: 'no', label: text('settingsRelayedNo') },
  ];
}
