// What the browser is to do with the extension's own requests on their way.
import { browser } from './browser';

const RULE_ID = 1;

/**
 * Takes cookies out of everything that the extension asks of servers and out of their answers. `fetch` can be told to send
 * none; WebSocket cannot, and browsers give the one of an extension even cookies that other sites' pages would not be given. Lasts until the browser ends; idempotent.
 */
export async function keepCookiesOut(): Promise<void> {
  await browser.declarativeNetRequest.updateSessionRules({
    removeRuleIds: [RULE_ID],
    addRules: [
      {
        id: RULE_ID,
        action: {
          type: 'modifyHeaders',
          requestHeaders: [{ header: 'cookie', operation: 'remove' }],
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
