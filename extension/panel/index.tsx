// The panel: the popup of the toolbar button, about the tab below it. With `?tab=<id>` it is a page about that tab, which
// stays open where a popup closes.
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
