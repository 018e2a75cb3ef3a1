// One request of each type between the extension's contexts, as a hostile content script could forge it.
import type { ControlRequest } from '../../../src/protocol/control-messages';
import type { Random } from '../random';
import { peerStart, type PageWorld } from './page-messages';

type Forged = { [Type in ControlRequest['type']]: Omit<Extract<ControlRequest, { type: Type }>, 'type'> };

const TO_BACKGROUND = { to: 'background' } as const;
const TO_HOST = { to: 'host' } as const;

export function forgedRequest(random: Random, world: PageWorld): { type: string } {
  const forged = forgedRequests(random, world);
  const type = random.pick(Object.keys(forged) as ControlRequest['type'][]);
  return { type, ...forged[type] };
}

function forgedRequests(random: Random, world: PageWorld): Forged {
  const origin = 'https://site.example';
  const document = {
    site: { origin, isOpaque: false, isPrivate: false },
    tabId: random.below(9),
    frameId: 0,
    documentId: 'd',
  };
  const start = peerStart(random, world);
  const limits = { peers: 1, connections: 1, queuedBytes: 1 };
  const admission = {
    identities: [],
    allows: { data: true, calls: true },
    limits,
    server: { secure: false, host: '127.0.0.1', port: 9, path: '/', key: 'peerjs' },
    isOwnServer: false,
  };
  const site = { site: { origin }, isPrivate: false };
  const identity = { id: 'mine', secret: '0'.repeat(32) };
  const server = { urls: ['turn:127.0.0.1:9'] };
  return {
    attach: {
      ...TO_BACKGROUND,
      start,
      mark: { status: 'marked', value: '0' },
      ancestors: ['null'],
      hasUserActed: true,
    },
    admit: { ...TO_BACKGROUND, document, start },
    'identity.leased': { ...TO_BACKGROUND, document, identity, named: random.chance(0.5) },
    'host.idle': TO_BACKGROUND,
    'host.connections': { ...TO_BACKGROUND, tabs: [{ tabId: 1, count: 9 }] },
    'host.parked': { ...TO_BACKGROUND, document },
    'prompt.describe': { ...TO_BACKGROUND, promptId: 'p' },
    'prompt.answer': { ...TO_BACKGROUND, promptId: 'p', answer: 'always' },
    expect: { ...TO_HOST, ticket: 'ticket', document, start, admission },
    documents: TO_HOST,
    enforce: { ...TO_HOST, verdicts: [{ documentId: 'd', revoked: 'gone' }] },
    testRelay: { ...TO_HOST, server },
    leaveTab: { ...TO_HOST, tabId: random.below(99) },
    release: TO_HOST,
    diagnostics: TO_HOST,
    'ui.tab': { ...TO_BACKGROUND, tabId: 1 },
    'ui.sites': TO_BACKGROUND,
    'ui.decide': { ...TO_BACKGROUND, ...site, decision: 'allow' },
    'ui.allowForTab': { ...TO_BACKGROUND, ...site, tabId: 1 },
    'ui.showPrompt': { ...TO_BACKGROUND, ...site },
    'ui.changeSettings': { ...TO_BACKGROUND, ...site, change: { relayedOnly: null } },
    'ui.forgetSite': { ...TO_BACKGROUND, ...site },
    'ui.forgetIdentity': { ...TO_BACKGROUND, ...site, id: 'mine' },
    'ui.resetIdentity': { ...TO_BACKGROUND, ...site, id: 'mine' },
    'ui.hostTrouble': TO_BACKGROUND,
    'ui.policy': TO_BACKGROUND,
    'ui.changePolicy': { ...TO_BACKGROUND, change: { defaultDecision: 'allow' } },
    'ui.testRelay': { ...TO_BACKGROUND, server },
    'ui.log': TO_BACKGROUND,
    'ui.diagnostics': TO_BACKGROUND,
    'ui.export': TO_BACKGROUND,
    'ui.import': { ...TO_BACKGROUND, text: '{}' },
    'ui.previewImport': { ...TO_BACKGROUND, text: '{}' },
    'ui.erase': TO_BACKGROUND,
  };
}
