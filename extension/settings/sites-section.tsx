// All sites with a decision, settings or IDs.
import { useRef, useState } from 'preact/hooks';
import type { SiteRow } from '../../src/protocol/ui-messages';
import { text } from '../platform/i18n';
import { ask } from '../ui/ask';
import { useAnswer } from '../ui/use-answer';
import { Answered } from './answered';
import { matching } from './site-list';
import { SitesTable } from './sites-table';

export function SitesSection() {
  const answer = useAnswer(readSites);
  const [query, setQuery] = useState('');
  const search = useRef<HTMLInputElement>(null);

  return (
    <Answered answer={answer}>
      {(rows) => {
        if (rows.length === 0) return <p class="empty">{text('settingsNoSites')}</p>;
        const found = matching(rows, query.trim());
        return (
          <section class="group">
            <div class="search">
              <label for="site-search">{text('settingsSearch')}</label>
              <input
                id="site-search"
                ref={search}
                type="search"
                class="input"
                value={query}
                autocomplete="off"
                spellcheck={false}
                onInput={(event) => setQuery(event.currentTarget.value)}
              />
              <span class="quiet" role="status">
                {text('settingsFound', String(found.length), String(rows.length))}
              </span>
            </div>
            {found.length === 0 ? (
              <p class="empty">{text('settingsNoMatch')}</p>
            ) : (
              <SitesTable
                rows={found}
                reload={answer.reload}
                // The focused element has disappeared with the row.
                onForgotten={() => search.current?.focus()}
              />
            )}
          </section>
        );
      }}
    </Answered>
  );
}

function readSites(): Promise<SiteRow[]> {
  return ask({ to: 'background', type: 'ui.sites' });
}
