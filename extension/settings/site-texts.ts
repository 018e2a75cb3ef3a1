// The choices of a decision about a site, with their labels.
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
