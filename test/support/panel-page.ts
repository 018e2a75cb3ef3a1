// The parts of the panel, as a user finds them.
import type { Locator, Page } from '@playwright/test';

export class PanelPage {
  constructor(readonly page: Page) {}

  /** The section about a site of the tab. */
  site(origin: string): Locator {
    return this.page.getByRole('region', { name: origin, exact: true });
  }

  /** The collapsed section about a site of another tab. */
  otherSite(origin: string): Locator {
    return this.page.getByRole('group').filter({ hasText: origin });
  }

  /** The entry of the Peer with this ID. */
  peer(id: string): Locator {
    return this.page
      .locator('.peer')
      .filter({ has: this.page.getByText(id, { exact: true }) })
      .first();
  }

  connections(peerId: string): Locator {
    return this.page.getByRole('list', { name: `Connections of ${peerId}` }).getByRole('listitem');
  }

  /** Expands the site's permissions. */
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
