// The background: service worker in Chrome. Registers every listener at once, because the browser wakes it for an event
// and delivers that event only to listeners that are already there.
import { isFromPage, request, serve, type Sender } from '../../src/channel/control';
import { randomHex } from '../../src/protocol/identity';
import { parsePeerStart } from '../../src/protocol/page-messages';
import { PromptBook } from '../../src/origin/prompt-book';
import { SiteLedger } from '../../src/origin/site-ledger';
import { TaskQueue } from '../../src/origin/task-queue';
import { showBadge } from '../platform/action';
import { loadTexts, text } from '../platform/i18n';
import { closeOffscreenDocument, offscreenUrl, openOffscreenDocument } from '../platform/offscreen-document';
import { runtime, sendMessage } from '../platform/runtime';
import { closeStorageToContentScripts, local, onSessionChanged, session } from '../platform/storage';
import { DepartureWatch, openTab, tabInfo } from '../platform/tabs';
import { closeWindow, focusWindow, hasPrivateWindow, hasWindow, openPopup } from '../platform/windows';
import { onClientMessage, postToClient } from '../platform/worker-clients';
import { Admission } from './admission';
import { Badge } from './badge';
import { notAPage, notAPeer } from './denials';
import { Departures } from './departures';
import { handOver } from './hand-over';
import { Host } from './host';
import { keepIdentity } from './identities';
import { Prompts } from './prompts';
import { siteDocument } from './sender';
import { isOwnSite, selfTestDocument, welcome } from './welcome';

const welcomeUrl = runtime.getURL('extension/welcome/index.html');
const settingsUrl = runtime.getURL('extension/settings/index.html');
const promptUrl = runtime.getURL('extension/prompt/index.html');
/** Holds the text in its usual length; the page grows the window where the text is longer. */
const PROMPT_SIZE = { width: 440, height: 470 };

const ledger = new SiteLedger({ local, session }, Date.now);
const prompts = new Prompts({
  book: new PromptBook(session),
  ledger,
  windows: {
    open: (promptId, over) => {
      loadTexts();
      return openPopup(`${promptUrl}?id=${promptId}`, PROMPT_SIZE, over);
    },
    has: hasWindow,
    focus: focusWindow,
    close: closeWindow,
  },
  tabInfo,
  createPromptId: () => crypto.randomUUID(),
  onWaiting: () => departures.expect(),
  queue: new TaskQueue(),
});
const departures = new Departures({
  ledger,
  prompts,
  createWatch: (listeners) => new DepartureWatch(listeners),
  tabInfo,
  hasPrivateWindow,
});
const host = new Host({
  send: (message) => request(sendMessage, message),
  open: openOffscreenDocument,
  close: closeOffscreenDocument,
});
const admission = new Admission({
  ledger,
  prompts,
  expect: (message) => host.expect(message),
  createTicket: randomHex,
  isOwn: (site) => isOwnSite(site, location.origin),
});

runtime.onInstalled.addListener(({ reason }) => {
  loadTexts();
  void welcome({ welcomeUrl, openTab }, reason);
});

const badge = new Badge({
  session,
  show: showBadge,
  texts: {
    idle: () => text('extensionName'),
    connections: (count) => text('badgeConnections', count),
    asking: () => text('badgeAsking'),
  },
  queue: new TaskQueue(),
});

onSessionChanged((changes) => void badge.storeChanged(changes));

onClientMessage((message) =>
  handOver(
    {
      extensionOrigin: location.origin,
      postToHost: (data, ports) => postToClient(offscreenUrl, data, ports),
    },
    message,
  ),
);

serve(runtime.onMessage, 'background', {
  attach: async ({ start: claimed }, sender) => {
    const document = siteDocument(sender, runtime.id) ?? selfTestDocument(sender, runtime.id, welcomeUrl);
    if (!document) return { status: 'denied', message: notAPage() };
    const start = parsePeerStart(claimed);
    if (!start) return { status: 'denied', message: notAPeer() };
    return admission.attach(document, start);
  },
  admit: async ({ document, start }, sender) => {
    onlyFrom(offscreenUrl, sender);
    return admission.admit(document, start);
  },
  'identity.leased': async ({ document, identity, named }, sender) => {
    onlyFrom(offscreenUrl, sender);
    await keepIdentity(
      { ledger, tabInfo, onLease: (tabId) => void departures.expectOf(tabId) },
      document,
      identity,
      named,
    );
    return true;
  },
  'host.idle': async (_request, sender) => {
    onlyFrom(offscreenUrl, sender);
    await host.closeIfIdle();
    return true;
  },
  'host.connections': async ({ tabs }, sender) => {
    onlyFrom(offscreenUrl, sender);
    await badge.connectionsChanged(tabs);
    return true;
  },
  'prompt.describe': async ({ promptId }, sender) => {
    onlyFrom(promptUrl, sender);
    return prompts.describe(promptId, sender.tab?.windowId);
  },
  'prompt.answer': async ({ promptId, answer }, sender) => {
    onlyFrom(promptUrl, sender);
    return prompts.answer(promptId, answer);
  },
  'ui.testRelay': async ({ server }, sender) => {
    onlyFrom(settingsUrl, sender);
    return host.testRelay(server);
  },
});

void closeStorageToContentScripts();

/** Throws, so that the sender's request is rejected, if it comes from anywhere else. */
function onlyFrom(pageUrl: string, sender: Sender): void {
  if (!isFromPage(sender, runtime.id, pageUrl)) throw new Error(`This may only be asked by ${pageUrl}`);
}
