// Rules that the browser applies to the extension's own requests.
import { headersThatName } from '#platform/named-by';
import { browser } from './browser';

const RULE_ID = 1;
/** The addresses that the rule needs access to: without it, the browser does not apply the rule. */
const SERVERS = { origins: ['ws://*/*', 'wss://*/*'] };

/**
 * Removes cookies and all other headers that identify this browser from the extension's requests to servers, and `Set-Cookie`
 * from the responses. `fetch` can omit cookies by itself, but a WebSocket cannot: browsers send an extension's WebSocket even
 * cookies that they withhold from other sites' pages. Lasts until the browser exits. Idempotent. Rejects if the user withholds
 * the necessary access.
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
          // The host of the extension's own pages: the extension's ID in Chrome, a random UUID in Firefox.
          initiatorDomains: [new URL(browser.runtime.getURL('')).host],
          resourceTypes: ['websocket', 'xmlhttprequest'],
        },
      },
    ],
  });
}
