// What the browser is to do with the extension's own requests on their way.

const RULE_ID = 1;

/**
 * Takes cookies out of everything that the extension asks of servers and out of their answers. `fetch` can be told to send
 * none; WebSocket cannot, and Chrome gives the one of an extension even the cookies that other sites' pages would not be
 * given. Lasts until the browser ends; idempotent.
 */
export async function keepCookiesOut(): Promise<void> {
  const remove = chrome.declarativeNetRequest.HeaderOperation.REMOVE;
  const { MODIFY_HEADERS } = chrome.declarativeNetRequest.RuleActionType;
  const { WEBSOCKET, XMLHTTPREQUEST } = chrome.declarativeNetRequest.ResourceType;
  await chrome.declarativeNetRequest.updateSessionRules({
    removeRuleIds: [RULE_ID],
    addRules: [
      {
        id: RULE_ID,
        action: {
          type: MODIFY_HEADERS,
          requestHeaders: [{ header: 'cookie', operation: remove }],
          responseHeaders: [{ header: 'set-cookie', operation: remove }],
        },
        condition: { initiatorDomains: [chrome.runtime.id], resourceTypes: [WEBSOCKET, XMLHTTPREQUEST] },
      },
    ],
  });
}
