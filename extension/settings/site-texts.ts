// The options of each setting of a site, with their labels.
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

/** The choices for a setting that can follow the one for all sites. */
export type OwnChoice = 'default' | 'yes' | 'no';

export function relayedOptions(): Option<OwnChoice>[] {
  return [
    { value: 'default', label: text('settingsRelayedDefault') },
    { value: 'yes', label: text('settingsRelayedYes') },
    { value: 'no', label: text('settingsRelayedNo') },
  ];
}

export function keepIdOptions(): Option<OwnChoice>[] {
  return [
    { value: 'default', label: text('settingsKeepIdDefault') },
    { value: 'yes', label: text('settingsKeepIdYes') },
    { value: 'no', label: text('settingsKeepIdNo') },
  ];
}

export function keepConnectionsOptions(): Option<OwnChoice>[] {
  return [
    { value: 'default', label: text('settingsKeepConnectionsDefault') },
    { value: 'yes', label: text('settingsKeepConnectionsYes') },
    { value: 'no', label: text('settingsKeepConnectionsNo') },
  ];
}
