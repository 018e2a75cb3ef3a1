// The panel: the popup of the toolbar button, which describes the active tab. With `?tab=<id>` it is a page that describes that
// tab and, unlike a popup, stays open.
import { text } from '../platform/i18n';
import { activeTabId } from '../platform/shown-tab';
import { startPage } from '../ui/start-page';
import { Panel } from './panel';

async function start(): Promise<void> {
  const asked = new URLSearchParams(location.search).get('tab');
  if (asked === null) document.documentElement.classList.add('popup');
  const tabId = asked === null ? await activeTabId() : Number(asked);
  startPage(text('extensionName'), <Panel tabId={tabId} isPopup={asked === null} />);
}

void start();
