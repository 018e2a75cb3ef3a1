// Tests a relay and explains the result.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { FORBIDDEN, QUOTA_REACHED, UNAUTHORIZED, UNREACHABLE } from '../../src/protocol/ice-errors';
import type { OwnIceServer, RelayTrial } from '../../src/protocol/ui-messages';
import { text } from '../platform/i18n';
import { ask } from '../ui/ask';
import { Button } from '../ui/button';

type Trial = { state: 'running' } | { state: 'failed' } | { state: 'done'; result: RelayTrial };

export interface RelayTestProps {
  /** Undefined while the server is incomplete. */
  server: OwnIceServer | undefined;
  label: string;
  /** Further buttons beside the test's button. */
  children: ComponentChildren;
}

export function RelayTest({ server, label, children }: RelayTestProps) {
  const [trial, setTrial] = useState<Trial>();
  const tried = JSON.stringify(server);

  // The server has changed: discard the result of the previous one.
  useEffect(() => setTrial(undefined), [tried]);

  async function run(given: OwnIceServer): Promise<void> {
    setTrial({ state: 'running' });
    try {
      const result = await ask({ to: 'background', type: 'ui.testRelay', server: given });
      setTrial({ state: 'done', result });
    } catch {
      setTrial({ state: 'failed' });
    }
  }

  return (
    <>
      <div class="actions">
        <Button
          isSmall
          label={label}
          isDisabled={!server || trial?.state === 'running'}
          onClick={() => server && void run(server)}
        >
          {text('settingsIceTest')}
        </Button>
        {children}
      </div>
      <p role="status" class={`trial ${kindOf(trial)}`}>
        {trial && sentence(trial)}
      </p>
    </>
  );
}

function kindOf(trial: Trial | undefined): 'good' | 'problem' | 'quiet' {
  if (!trial || trial.state === 'running') return 'quiet';
  return trial.state === 'done' && trial.result.candidate ? 'good' : 'problem';
}

function sentence(trial: Trial): string {
  if (trial.state === 'running') return text('settingsTrialRunning');
  if (trial.state === 'failed') return text('settingsUnanswered');
  const { candidate, error } = trial.result;
  if (candidate) return `✓ ${text('settingsTrialWorks', `${candidate.address}:${candidate.port}`)}`;
  switch (error?.code) {
    case UNAUTHORIZED:
      return text('settingsTrialUnauthorized');
    case FORBIDDEN:
      return text('settingsTrialForbidden');
    case QUOTA_REACHED:
      return text('settingsTrialQuota');
    case UNREACHABLE:
      return text('settingsTrialUnreachable');
    case 'timeout':
      return text('settingsTrialTimeout');
    case 'invalid':
      return text('settingsTrialInvalid');
    case 'no-relay':
    case undefined:
      return text('settingsTrialNoRelay');
    default:
      return text('settingsTrialError', [error?.code, error?.text].join(' ').trim());
  }
}
