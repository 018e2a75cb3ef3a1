// The toolbar button.
import { browser } from './browser';

export interface ActionBadge {
  /** Up to four characters. Empty hides the badge. */
  text: string;
  colour: string;
  title: string;
}

/** Shows the badge for one tab, until that tab navigates. Does nothing if the tab is closed. */
export async function showBadge(tabId: number, { text, colour, title }: ActionBadge): Promise<void> {
  await Promise.all([
    browser.action.setBadgeBackgroundColor({ tabId, color: colour }),
    browser.action.setBadgeTextColor({ tabId, color: '#ffffff' }),
    browser.action.setTitle({ tabId, title }),
    browser.action.setBadgeText({ tabId, text }),
  ]).catch(async (cause: unknown) => {
    const isOpen = await browser.tabs.get(tabId).then(
      () => true,
      () => false,
    );
    if (isOpen) throw cause;
  });
}
