// Fills the prompt's page with the question. Sets only text content, so that an origin or a server name cannot inject markup.
import type { IdChoice, PromptContent } from '../../src/protocol/control-messages';
import { text } from '../platform/i18n';
import { embedding } from '../ui/embedding';

export function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no element #${id}`);
  return found;
}

/** The checkbox “Keep an ID”. */
export function keepIdBox(): HTMLInputElement {
  return element('keep-id') as HTMLInputElement;
}

export function show({ site, server, keepId }: PromptContent): void {
  const { origin } = site;
  // The prompt's window is not private, and browsers store the titles of closed windows in the profile.
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
  showIdChoice(keepId, site.isPrivate);
  fill('always', text('promptAlways'));
  fill('once', text('promptOnce'));
  fill('block', text('promptBlock'));
  fill('details-summary', text('promptDetails'));
  fill('details-text', text('promptDetailsText'));
  fill('status', text('promptDismissHint'));
  element('prompt').hidden = false;
}

function showIdChoice({ isOn, isManaged }: IdChoice, isPrivate: boolean): void {
  const box = keepIdBox();
  box.checked = isOn;
  box.disabled = isManaged;
  fill('keep-id-label', text('promptKeepId'));
  fill('keep-id-meaning', text(isPrivate ? 'promptKeepIdPrivately' : 'promptKeepIdMeaning'));
  fill('keep-id-managed', isManaged ? text('uiManaged') : '');
}

/** Sets the element's text. Hides the element if the text is empty. */
function fill(id: string, content: string): void {
  const place = element(id);
  place.textContent = content;
  place.hidden = content === '';
}
