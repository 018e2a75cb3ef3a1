// Wires up the background, in either browser. Registers every listener in the first turn: the browser wakes the background for
// an event, and delivers the event only to listeners that are registered by then.
import { serve, type MessageEventSource } from '../../src/channel/control';
import { loadTexts } from '../platform/i18n';
import { runtime } from '../platform/runtime';
import { closeStorageToContentScripts, onManagedChange, onSessionChanged } from '../platform/storage';
import { openTab, tabInfo } from '../platform/tabs';
import { allowedSenders, type BackgroundHandlers } from './allowed-senders';
import { attachRequests, refusedAttachment } from './attach-requests';
import { hostReports } from './host-reports';
import { createParts, diagnosticsOf, type HostAccess, type Parts } from './parts';
import { PendingAttachments } from './pending-attachments';
import { promptRequests } from './prompt-requests';
import { uiRequests } from './ui-requests';
import { welcome } from './welcome';

/** What differs between browsers. */
export interface Home extends HostAccess {
  /** The channels on which requests arrive. */
  sources: MessageEventSource[];
  /** The engine host's page. */
  hostUrl: string;
}

const welcomeUrl = runtime.getURL('extension/welcome/index.html');
const promptUrl = runtime.getURL('extension/prompt/index.html');

/** Call it in the first turn of the background's script. */
export function startBackground({ sources, hostUrl, ...access }: Home): void {
  const parts = createParts(access, promptUrl);
  listen(parts);
  const addresses = { extensionId: runtime.id, extensionOrigin: location.origin, hostUrl, promptUrl, welcomeUrl };
  const service = {
    allow: allowedSenders(addresses),
    handlers: createHandlers(parts),
    refusals: { attach: refusedAttachment() },
  };
  for (const source of sources) serve(source, 'background', service);
  void closeStorageToContentScripts();
}

function listen({ stores, diagnosticLog, prompts, enforcement, badge }: Parts): void {
  const log = diagnosticLog.logger('background');
  onManagedChange(() => {
    log.info('managed-policy-changed');
    void prompts.review().then(() => enforcement.review());
  });
  runtime.onInstalled.addListener(({ reason }) => {
    log.info('installed', { installation: reason });
    loadTexts();
    void welcome({ local: stores.local, welcomeUrl, openTab }, reason);
  });
  onSessionChanged((changes) => void badge.storeChanged(changes));
}

function createHandlers(parts: Parts): BackgroundHandlers {
  const { host, hostTrouble, departures, diagnosticLog } = parts;
  return {
    ...attachRequests({ ...parts, attachments: new PendingAttachments() }),
    ...hostReports({
      ...parts,
      tabInfo,
      onStored: (tabId) => departures.expectFor(tabId),
      leaveTab: (tabId) => host.leaveTab(tabId),
    }),
    ...promptRequests(parts),
    ...uiRequests({
      ...parts,
      tabInfo,
      isHostInTrouble: () => hostTrouble.isThere(),
      testRelay: (server) => hostTrouble.watch(host.testRelay(server)),
      settingsLog: diagnosticLog.logger('settings'),
      diagnostics: () => diagnosticsOf(parts),
      onStoredForTab: (tabId) => void departures.expectFor(tabId),
    }),
  };
}
