// The log of requests and decisions, newest first, and the diagnostics for bug reports.
import type { LogEntry } from '../../src/protocol/ui-messages';
import { text, type TextKey } from '../platform/i18n';
import { ask } from '../ui/ask';
import { formatMoment } from '../ui/format';
import { useAnswer } from '../ui/use-answer';
import { Answered } from './answered';
import { Diagnostics } from './diagnostics';
import { SiteTitle } from './site-title';

const WORDS: Record<LogEntry['what'], TextKey> = {
  asked: 'settingsLogAsked',
  allowed: 'settingsLogAllowed',
  'allowed-for-tab': 'settingsLogAllowedForTab',
  blocked: 'settingsLogBlocked',
  dismissed: 'settingsLogDismissed',
  muted: 'settingsLogMuted',
  changed: 'settingsLogChanged',
  forgotten: 'settingsLogForgotten',
  renewed: 'settingsLogRenewed',
  imported: 'settingsLogImported',
};

export function LogSection() {
  return (
    <>
      <Decisions />
      <Diagnostics />
    </>
  );
}

function Decisions() {
  const answer = useAnswer(readLog);
  return (
    <Answered answer={answer}>
      {(entries) =>
        entries.length === 0 ? (
          <p class="empty">{text('settingsLogEmpty')}</p>
        ) : (
          <section class="group">
            <table class="table log">
              <caption class="unseen">{text('settingsLog')}</caption>
              <thead>
                <tr>
                  <th scope="col">{text('settingsLogTime')}</th>
                  <th scope="col">{text('settingsColumnSite')}</th>
                  <th scope="col">{text('settingsLogWhat')}</th>
                </tr>
              </thead>
              <tbody>
                {entries.map((entry, index) => (
                  <LogLine key={`${entry.at}-${index}`} entry={entry} />
                ))}
              </tbody>
            </table>
          </section>
        )
      }
    </Answered>
  );
}

function LogLine({ entry }: { entry: LogEntry }) {
  const { at, what } = entry;
  return (
    <tr>
      <td class="quiet">
        <time dateTime={new Date(at).toISOString()}>{formatMoment(at)}</time>
      </td>
      <td>
        {'origin' in entry ? <SiteTitle site={entry} /> : <span class="quiet">{text('settingsLogAllSites')}</span>}
      </td>
      <td>
        {text(WORDS[what])}
        {'server' in entry && <span class="quiet beneath">{text('settingsLogServer', entry.server)}</span>}
      </td>
    </tr>
  );
}

function readLog(): Promise<LogEntry[]> {
  return ask({ to: 'background', type: 'ui.log' });
}
