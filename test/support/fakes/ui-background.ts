// A background for the requests of the extension's own pages, with what its tests have in common.
import { CLOUD_SERVER } from '../../../src/protocol/peer-server';
import type { SiteDocument } from '../../../src/protocol/control-messages';
import type { TabSite } from '../../../src/protocol/ui-messages';
import { FakeBackground } from './background';

const to = 'background' as const;

/** `records`: of the lasting store. */
export function makeBackground(records: Record<string, unknown> = {}) {
  const background = new FakeBackground();
  background.local.records = records;
  const attach = (document: SiteDocument, peerIds: string[] = ['a'], servers = [CLOUD_SERVER]) => {
    background.attached.push({ document, servers, peerIds });
    return document.documentId;
  };
  const tabSites = (tabId = 1): Promise<TabSite[]> => background.ui['ui.tab']({ to, type: 'ui.tab', tabId });
  const what = async () => (await background.ui['ui.log']()).map((entry) => entry.what);
  return { background, ui: background.ui, attach, tabSites, what };
}

export const grant = (decision: string, servers: string[] = []) => ({ decision, servers, decidedAt: 1 });
