// Tests a relay and explains the result.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { FORBIDDEN, QUOTA_REACHED, UNAUTHORIZED, UNREACHABLE } from '../../src/protocol/ice-errors';
import type { OwnIceServer, RelayTestResult } from '../../src/protocol/ui-messages';
import { text } from '../platform/i18n';
import { ask } from '../ui/ask';
import { Button } from '../ui/button';

type TestState = { state: 'running' } | { state: 'failed' } | { state: 'done'; result: RelayTestResult };

export interface RelayTestProps {
  /** Undefined while the server is incomplete. */
  server: OwnIceServer | undefined;
  label: string;
  /** Further buttons beside the test's button. */
  children: ComponentChildren;
}

export function RelayTest({ server, label, children }: RelayTestProps) {
  const [test, setTest] = useState<TestState>();
  const tested = JSON.stringify(server);

  // The server has changed: discard the result of the previous one.
  useEffect(() => setTest(undefined), [tested]);

  async function run(given: OwnIceServer): Promise<void> {
    setTest({ state: 'running' });
    try {
      const result = await ask({ to: 'background', type: 'ui.testRelay', server: given });
      setTest({ state: 'done', result });
    } catch {
      setTest({ state: 'failed' });
    }
  }

  return (
    <>
      <div class="actions">
        <Button
          isSmall
          label={label}
          isDisabled={!server || test?.state === 'running'}
          onClick={() => server && void run(server)}
        >
          {text('settingsIceTest')}
        </Button>
        {children}
      </div>
      <p role="status" class={`relay-test ${kindOf(test)}`}>
        {test && sentence(test)}
      </p>
    </>
  );
}

function kindOf(test: TestState | undefined): 'good' | 'problem' | 'quiet' {
  if (!test || test.state === 'running') return 'quiet';
  return test.state === 'done' && test.result.candidate ? 'good' : 'problem';
}

function sentence(test: TestState): string {
  if (test.state === 'running') return text('settingsTrialRunning');
  if (test.state === 'failed') return text('settingsUnanswered');
  const { candidate, error } = test.result;
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
