// The panel, as a user reads it.
import type { Locator, Page } from '@playwright/test';

export class PanelPage {
  constructor(readonly page: Page) {}

  /** A site of the tab. */
  site(origin: string): Locator {
    return this.page.getByRole('region', { name: origin, exact: true });
  }

  /** One of the sites that other tabs show, to be opened. */
  otherSite(origin: string): Locator {
    return this.page.getByRole('group').filter({ hasText: origin });
  }

  /** The Peer with this ID. */
  peer(id: string): Locator {
    return this.page
      .locator('.peer')
      .filter({ has: this.page.getByText(id, { exact: true }) })
      .first();
  }

  connections(peerId: string): Locator {
    return this.page.getByRole('list', { name: `Connections of ${peerId}` }).getByRole('listitem');
  }

  /** Shows what the site may use. */
  async openScope(origin: string): Promise<void> {
    await this.site(origin).getByText('Permissions').click();
  }

  scope(
    origin: string,
    name: 'Data connections' | 'Calls' | 'Keep an ID' | 'Keep connections across reloads',
  ): Locator {
    return this.site(origin).getByRole('switch', { name, exact: true });
  }

  choice(origin: string, name: 'Ask' | 'This tab' | 'Allow' | 'Block'): Locator {
    return this.site(origin).getByRole('radio', { name, exact: true });
  }
}
