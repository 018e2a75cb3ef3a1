// Declares who may send each request to the background, for `serve`, which refuses every other sender. `allowedSenders`
// compiles only if it names a kind of sender for each request.
import {
  fromPage,
  type AllowedSenders,
  type ControlHandlers,
  type Sender,
  type SenderKind,
} from '../../src/channel/control';
import type { SiteDocument } from '../../src/protocol/control-messages';
import { isUserPage, siteDocument } from './sender';
import { selfTestDocument } from './welcome';

/** The addresses by which the browser names the extension's own contexts. */
export interface OwnAddresses {
  extensionId: string;
  /** The origin of the extension's pages. */
  extensionOrigin: string;
  /** The engine host's page. */
  hostUrl: string;
  promptUrl: string;
  welcomeUrl: string;
}

export type BackgroundHandlers = ControlHandlers<'background', ReturnType<typeof allowedSenders>>;

/** A prompt's page. */
export interface PromptPage {
  windowId: number | undefined;
}

/** The return type is left to the compiler, because it names what each handler receives. */
export function allowedSenders({ extensionId, extensionOrigin, hostUrl, promptUrl, welcomeUrl }: OwnAddresses) {
  const document: SenderKind<SiteDocument, { ancestors: unknown }> = {
    name: 'a document that may have Peers',
    recognize: (sender, { ancestors }) =>
      siteDocument(sender, extensionId, ancestors) ?? selfTestDocument(sender, extensionId, welcomeUrl),
  };
  const host = fromPage('the engine host', extensionId, hostUrl);
  const prompt = promptPage(fromPage('a prompt', extensionId, promptUrl));
  const userPage: SenderKind<true> = {
    name: 'Peerport’s own pages',
    recognize: (sender) => isUserPage(sender, extensionId, extensionOrigin) || undefined,
  };
  return {
    attach: document,
    admit: host,
    'identity.leased': host,
    'host.idle': host,
    'host.connections': host,
    'host.parked': host,
    'prompt.describe': prompt,
    'prompt.answer': prompt,
    'ui.tab': userPage,
    'ui.sites': userPage,
    'ui.decide': userPage,
    'ui.allowForTab': userPage,
    'ui.showPrompt': userPage,
    'ui.changeSettings': userPage,
    'ui.forgetSite': userPage,
    'ui.forgetIdentity': userPage,
    'ui.resetIdentity': userPage,
    'ui.hostTrouble': userPage,
    'ui.policy': userPage,
    'ui.changePolicy': userPage,
    'ui.testRelay': userPage,
    'ui.log': userPage,
    'ui.diagnostics': userPage,
    'ui.export': userPage,
    'ui.previewImport': userPage,
    'ui.import': userPage,
    'ui.erase': userPage,
  } satisfies AllowedSenders<'background'>;
}

function promptPage({ name, recognize }: SenderKind<true>): SenderKind<PromptPage> {
  const windowOf = ({ tab }: Sender): PromptPage => ({ windowId: tab?.windowId });
  return { name, recognize: (sender) => recognize(sender, undefined) && windowOf(sender) };
}
