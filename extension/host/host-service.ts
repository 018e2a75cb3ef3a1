// The requests to the engine host: who may send them, and which of the host's methods answers each.
import type { AllowedSenders, SenderKind, Service } from '../../src/channel/control';
import type { EngineHost } from '../../src/engine/engine-host';

type Host = Pick<EngineHost, 'expect' | 'documents' | 'enforce' | 'leaveTab' | 'testRelay' | 'isIdle' | 'diagnostics'>;
type AllowBackground = ReturnType<typeof allowBackground>;

export function hostService(host: Host, background: SenderKind<true>): Service<'host', AllowBackground> {
  return {
    allow: allowBackground(background),
    handlers: {
      expect: async ({ ticket, document, start, admission }) => {
        host.expect(ticket, document, start, admission);
        return true;
      },
      documents: async () => host.documents(),
      enforce: async ({ verdicts }) => {
        host.enforce(verdicts);
        return true;
      },
      leaveTab: async ({ tabId }) => {
        host.leaveTab(tabId);
        return true;
      },
      testRelay: ({ server }) => host.testRelay(server),
      release: async () => ({ isIdle: host.isIdle }),
      diagnostics: async () => host.diagnostics(),
    },
  };
}

function allowBackground(background: SenderKind<true>) {
  return {
    expect: background,
    documents: background,
    enforce: background,
    leaveTab: background,
    testRelay: background,
    release: background,
    diagnostics: background,
  } satisfies AllowedSenders<'host'>;
}
