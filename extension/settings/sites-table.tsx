// The table of sites, one row each. One row at a time can be expanded to show and change everything about its site.
import { Fragment } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { SiteRow } from '../../src/protocol/ui-messages';
import { text, type TextKey } from '../platform/i18n';
import { Button } from '../ui/button';
import { Select } from '../ui/choice';
import { formatDay } from '../ui/format';
import { ask } from '../ui/ask';
import { nameOf } from '../ui/site-name';
import { SiteDetails } from './site-details';
import { inOrder, keyOf, type SiteColumn, type SiteOrder } from './site-list';
import { SiteTitle } from './site-title';
import { decisionOptions } from './site-texts';

const COLUMNS: { name: SiteColumn; title: TextKey }[] = [
  { name: 'site', title: 'settingsColumnSite' },
  { name: 'decision', title: 'settingsColumnDecision' },
  { name: 'decidedAt', title: 'settingsColumnDecided' },
  { name: 'identities', title: 'settingsColumnIdentities' },
];

export interface SitesTableProps {
  rows: SiteRow[];
  reload: () => Promise<void>;
  onForgotten: () => void;
}

export function SitesTable({ rows, reload, onForgotten }: SitesTableProps) {
  const [order, setOrder] = useState<SiteOrder>({ column: 'site', isDescending: false });
  const [open, setOpen] = useState<string>();
  const id = useId();

  function sortBy(column: SiteColumn): void {
    setOrder({ column, isDescending: order.column === column && !order.isDescending });
  }

  return (
    <table class="table sites">
      <caption class="unseen">{text('settingsSites')}</caption>
      <thead>
        <tr>
          {COLUMNS.map(({ name, title }) => (
            <th
              key={name}
              scope="col"
              class={`column-${name}`}
              aria-sort={order.column !== name ? undefined : order.isDescending ? 'descending' : 'ascending'}
            >
              <button type="button" class="sort" onClick={() => sortBy(name)}>
                {text(title)}
                <span aria-hidden="true" class="arrow">
                  {order.column !== name ? '' : order.isDescending ? ' ↓' : ' ↑'}
                </span>
              </button>
            </th>
          ))}
          <td class="narrow" />
        </tr>
      </thead>
      <tbody>
        {inOrder(rows, order).map((row, index) => {
          const key = keyOf(row);
          const isOpen = open === key;
          return (
            <Fragment key={key}>
              <SiteLine
                row={row}
                reload={reload}
                isOpen={isOpen}
                detailsId={`${id}-${index}`}
                onToggle={() => setOpen(isOpen ? undefined : key)}
              />
              {isOpen && (
                <tr class="details" id={`${id}-${index}`}>
                  <td colSpan={COLUMNS.length + 1}>
                    <SiteDetails row={row} reload={reload} onForgotten={onForgotten} />
                  </td>
                </tr>
              )}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}

interface SiteLineProps {
  row: SiteRow;
  reload: () => Promise<void>;
  isOpen: boolean;
  detailsId: string;
  onToggle: () => void;
}

function SiteLine({ row, reload, isOpen, detailsId, onToggle }: SiteLineProps) {
  const { origin, decision, decidedAt, identities, isManaged } = row;
  const site = nameOf(row);
  return (
    <tr class={isOpen ? 'open' : undefined}>
      <th scope="row">
        <SiteTitle site={site} />
      </th>
      <td>
        <Select
          label={text('settingsDecisionOf', origin)}
          isLabelUnseen
          options={decisionOptions()}
          value={decision}
          isManaged={isManaged}
          onSave={async (next) => {
            await ask({ to: 'background', type: 'ui.decide', site, isPrivate: false, decision: next });
            await reload();
          }}
        />
      </td>
      <td class="column-decidedAt quiet">{decidedAt === undefined ? '–' : formatDay(decidedAt)}</td>
      <td class="column-identities">{identities.length}</td>
      <td class="narrow">
        <Button
          isSmall
          kind="plain"
          label={text('settingsDetailsOf', origin)}
          isExpanded={isOpen}
          controls={detailsId}
          onClick={onToggle}
        >
          {text('settingsDetails')}
        </Button>
      </td>
    </tr>
  );
}
