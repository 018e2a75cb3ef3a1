// The user interface of the self-test. Runs the test only on demand, so that nothing is sent to a server unasked.
import { useState } from 'preact/hooks';
import { CLOUD_SERVER, serverLabel, type PeerServerAddress } from '../../src/protocol/peer-server';
import { text, type TextKey } from '../platform/i18n';
import { ask } from '../ui/ask';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { useAnswer } from '../ui/use-answer';
import { createPeerApi } from './peer-api';
import { runSelfTest, STEPS, type SelfTestResult, type Step } from './self-test';

interface Run {
  done: Step[];
  /** Absent while the test runs. */
  result?: SelfTestResult;
}

type StepState = 'waiting' | 'running' | 'done' | 'failed';

const MARKS: Record<StepState, string> = { waiting: '○', running: '…', done: '✓', failed: '✕' };
const STATE_TEXTS: Record<StepState, TextKey> = {
  waiting: 'welcomeStepWaiting',
  running: 'welcomeStepRunning',
  done: 'welcomeStepDone',
  failed: 'welcomeStepFailed',
};

export function SelfTest() {
  const { value: server, isFailed } = useAnswer(usedServer);
  const [run, setRun] = useState<Run>();
  const label = server ? serverLabel(server) : '';
  const isRunning = run !== undefined && !run.result;

  async function start(at: PeerServerAddress): Promise<void> {
    setRun({ done: [] });
    const result = await runSelfTest({
      createPeerApi,
      options: { ...at },
      now: () => performance.now(),
      onStep: (step) => setRun((current) => ({ done: [...(current?.done ?? []), step] })),
    });
    setRun((current) => ({ done: current?.done ?? [], result }));
  }

  return (
    <section class="self-test" aria-labelledby="self-test">
      <h2 id="self-test">{text('welcomeTest')}</h2>
      <p>{text('welcomeTestHint', label)}</p>
      <div class="actions">
        <Button kind="primary" isDisabled={!server || isRunning} onClick={() => server && void start(server)}>
          {text(run?.result ? 'welcomeTestAgain' : 'welcomeTestStart')}
        </Button>
      </div>
      {isFailed && (
        <Notice kind="danger" isNews>
          {text('welcomeNoBackground')}
        </Notice>
      )}
      {run && <Steps run={run} server={label} />}
      <div role="status">{run?.result && <Result result={run.result} server={label} />}</div>
    </section>
  );
}

function Steps({ run, server }: { run: Run; server: string }) {
  const titles: Record<Step, string> = {
    host: text('welcomeStepHost'),
    server: text('welcomeStepServer', server),
    connection: text('welcomeStepConnection'),
  };
  return (
    <ol class="steps">
      {STEPS.map((step) => {
        const state = stateOf(step, run);
        return (
          <li key={step} class={state}>
            <span class="mark" aria-hidden="true">
              {MARKS[state]}
            </span>
            {titles[step]}
            <span class="unseen">{text(STATE_TEXTS[state])}</span>
          </li>
        );
      })}
    </ol>
  );
}

function stateOf(step: Step, { done, result }: Run): StepState {
  if (done.includes(step)) return 'done';
  if (result) return !result.isPassed && result.failed === step ? 'failed' : 'waiting';
  return STEPS[done.length] === step ? 'running' : 'waiting';
}

function Result({ result, server }: { result: SelfTestResult; server: string }) {
  if (result.isPassed) {
    const milliseconds = new Intl.NumberFormat(text('languageTag'), { maximumFractionDigits: 1 });
    return (
      <Notice kind="good">
        <p>{text('welcomePassed', milliseconds.format(result.roundTripMs))}</p>
      </Notice>
    );
  }
  const { failed, reason } = result;
  return (
    <Notice kind="warning">
      <p>{failure(failed, server)}</p>
      {reason !== undefined && (
        <p class="quiet">
          <bdi lang="en">{reason}</bdi>
        </p>
      )}
    </Notice>
  );
}

function failure(step: Step, server: string): string {
  switch (step) {
    case 'host':
      return text('welcomeHostFailed');
    case 'server':
      return text('welcomeServerFailed', server);
    case 'connection':
      return text('welcomeLinkFailed');
    default:
      return step satisfies never;
  }
}

/** The PeerServer for Peers whose page names none: the user's own, else PeerJS's public server. */
async function usedServer(): Promise<PeerServerAddress> {
  const { policy } = await ask({ to: 'background', type: 'ui.policy' });
  return policy.peerServer ?? CLOUD_SERVER;
}
