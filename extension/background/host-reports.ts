// Answers the engine host: admits further Peers, and takes the host's reports about leased IDs, connections, parked documents and
// its own idleness.
import type { AdmissionControl } from './admission';
import type { BackgroundHandlers } from './allowed-senders';
import type { Badge } from './badge';
import type { Host } from './host';
import { storeIdentity } from './identities';
import { watchParkedConnections, type ParkedConnectionsDependencies } from './parked-connections';

export interface HostReportDependencies extends ParkedConnectionsDependencies {
  admission: Pick<AdmissionControl, 'admit'>;
  host: Pick<Host, 'closeIfIdle'>;
  badge: Pick<Badge, 'connectionsChanged'>;
}

export function hostReports(dependencies: HostReportDependencies) {
  const { admission, host, badge, ledger, tabInfo, onStored } = dependencies;
  const onLease = (tabId: number): void => void onStored(tabId);
  return {
    admit: ({ document, start }) => admission.admit(document, start),
    'identity.leased': async ({ document, identity, named }) => {
      await storeIdentity({ ledger, tabInfo, onLease }, document, identity, named);
      return true;
    },
    'host.idle': async () => {
      await host.closeIfIdle();
      return true;
    },
    'host.connections': async ({ tabs }) => {
      await badge.connectionsChanged(tabs);
      return true;
    },
    'host.parked': async ({ document }) => {
      await watchParkedConnections(dependencies, document);
      return true;
    },
  } satisfies Partial<BackgroundHandlers>;
}
