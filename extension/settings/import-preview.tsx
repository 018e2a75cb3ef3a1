// Describes the changes that an import would make, with the sites and addresses that each change concerns.
import type { ImportChange, ImportItem, ImportSummary } from '../../src/protocol/ui-messages';
import { text, type TextKey } from '../platform/i18n';
import { Confirm } from '../ui/confirm';
import { SiteTitle } from './site-title';

const WORDS: Record<ImportChange, TextKey> = {
  'allows-by-default': 'importAllowsByDefault',
  'asks-by-default': 'importAsksByDefault',
  'peer-server': 'importPeerServer',
  'public-peer-server': 'importPublicPeerServer',
  'ice-servers': 'importIceServers',
  'ice-servers-only': 'importIceServersOnly',
  'page-ice-servers': 'importPageIceServers',
  'addresses-shown': 'importAddressesShown',
  'ids-kept': 'importIdsKept',
  'connections-kept': 'importConnectionsKept',
  'limits-raised': 'importLimitsRaised',
  'sites-allowed': 'importSitesAllowed',
  'sites-unblocked': 'importSitesUnblocked',
  'private-servers': 'importPrivateServers',
  'sites-showing-addresses': 'importSitesShowingAddresses',
  'sites-keeping-ids': 'importSitesKeepingIds',
  'sites-keeping-connections': 'importSitesKeepingConnections',
  'sites-permitted-more': 'importSitesPermittedMore',
  'ids-brought': 'importIdsBrought',
  'ids-replaced': 'importIdsReplaced',
};

export interface ImportPreviewProps {
  fileName: string;
  summary: ImportSummary;
  onConfirm: () => void;
  onCancel: () => void;
}

export function ImportPreview({ fileName, summary, onConfirm, onCancel }: ImportPreviewProps) {
  const { changedSites, notes } = summary;
  return (
    <Confirm
      question={text('importQuestion', fileName)}
      consequence={text('importConsequence', String(changedSites))}
      action={text('settingsImport')}
      onConfirm={onConfirm}
      onCancel={onCancel}
    >
      {notes.length === 0 ? (
        <p class="quiet">{text('importNothingLooser')}</p>
      ) : (
        // Focusable, so that the keyboard can scroll it. As the dialog's first focusable element, it is read first.
        <div class="import-notes" role="group" aria-label={text('importNotes')} tabIndex={0}>
          <ul>
            {notes.map(({ what, items }) => (
              <li key={what}>
                {text(WORDS[what])}
                {items.length > 0 && <Items items={items} />}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Confirm>
  );
}

function Items({ items }: { items: ImportItem[] }) {
  return (
    <ul>
      {items.map(({ site, text: more }, index) => (
        <li key={index}>
          {site && <SiteTitle site={site} />}
          {more !== undefined && <bdi class={site ? 'quiet beneath' : 'mono'}>{more}</bdi>}
        </li>
      ))}
    </ul>
  );
}
