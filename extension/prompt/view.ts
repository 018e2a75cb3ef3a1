// Fills the prompt's page with what is asked. Text only: an origin or a server's name can bring no markup.
import type { PromptDescription } from '../../src/protocol/control-messages';
import { text } from '../platform/i18n';
import { embedding } from '../ui/embedding';

export function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no element #${id}`);
  return found;
}

export function show({ site, server }: PromptDescription): void {
  const { origin } = site;
  // This window is no private one, and browsers write the titles of closed windows into the profile.
  document.title = site.isPrivate ? text('extensionName') : text('promptTitle', origin);
  fill('brand', text('extensionName'));
  fill('heading', text('promptHeadingLead'));
  fill('site', origin);
  fill('embedded', embedding(site, 'promptEmbedded'));
  fill('meaning', text('promptMeaning'));
  fill('server-lead', text('promptServer'));
  fill('server', server.label);
  fill('private-server', server.isPrivate ? text('promptPrivateServer') : '');
  fill('unencrypted', server.isEncrypted ? '' : text('promptUnencrypted'));
  fill('private-window', site.isPrivate ? text('promptPrivateWindow') : '');
  fill('always', text('promptAlways'));
  fill('once', text('promptOnce'));
  fill('block', text('promptBlock'));
  fill('details-summary', text('promptDetails'));
  fill('details-text', text('promptDetailsText'));
  fill('status', text('promptDismissHint'));
  element('prompt').hidden = false;
}

/** Hides the element where there is nothing to say. */
function fill(id: string, content: string): void {
  const place = element(id);
  place.textContent = content;
  place.hidden = content === '';
}
