// The tab that the panel describes, with the background's view of its sites.
import { useCallback, useEffect } from 'preact/hooks';
import type { TabSite } from '../../src/protocol/ui-messages';
import { onTabChanged, readTab } from '../platform/shown-tab';
import { ask } from '../ui/ask';
import { useAnswer, type Answer } from '../ui/use-answer';

export interface TabView {
  isPrivate: boolean;
  /** The page's own site first. Empty if the extension cannot serve the page; undefined if the background does not answer. */
  sites: TabSite[] | undefined;
}

/** `closed`: the tab does not exist any more. Reloads after every change to the tab or to storage. */
export function useTab(tabId: number | undefined): Answer<TabView | 'closed'> {
  const question = useCallback(async (): Promise<TabView | 'closed'> => {
    const tab = tabId === undefined ? undefined : await readTab(tabId);
    if (tabId === undefined || !tab) return 'closed';
    const sites = await ask({ to: 'background', type: 'ui.tab', tabId }).catch(() => undefined);
    return { isPrivate: tab.isPrivate, sites };
  }, [tabId]);
  const answer = useAnswer(question);
  const { reload } = answer;

  useEffect(() => (tabId === undefined ? undefined : onTabChanged(tabId, () => void reload())), [tabId, reload]);

  return answer;
}
