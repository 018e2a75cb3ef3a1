// What the browser is to do with the extension's own requests on their way.
import { headersThatName } from '#platform/named-by';
import { browser } from './browser';

const RULE_ID = 1;
/** Without access to an address, the browser applies no rule to requests for it. */
const SERVERS = { origins: ['ws://*/*', 'wss://*/*'] };

/**
 * Takes cookies, and whatever else names this browser, out of everything that the extension asks of servers, and cookies out
 * of their answers. `fetch` can be told to send none; WebSocket cannot, and browsers give the one of an extension even
 * cookies that other sites' pages would not be given. Lasts until the browser ends; idempotent. Rejects where the user
 * withholds the access that it takes.
 */
export async function keepCookiesOut(): Promise<void> {
  if (!(await browser.permissions.contains(SERVERS))) {
    throw new Error('the browser withholds access to servers, which the user can give in Peerport’s panel');
  }
  await browser.declarativeNetRequest.updateSessionRules({
    removeRuleIds: [RULE_ID],
    addRules: [
      {
        id: RULE_ID,
        action: {
          type: 'modifyHeaders',
          requestHeaders: headersThatName.map((header) => ({ header, operation: 'remove' })),
          responseHeaders: [{ header: 'set-cookie', operation: 'remove' }],
        },
        condition: {
          // The host of the extension's own pages: its ID in Chrome, and in Firefox what takes its place.
          initiatorDomains: [new URL(browser.runtime.getURL('')).host],
          resourceTypes: ['websocket', 'xmlhttprequest'],
        },
      },
    ],
  });
}
