// The engine host's live reports and their history, while the panel is open.
import { useEffect, useRef, useState } from 'preact/hooks';
import { HOST_STARTED, LIVE_PORT, type LiveCommand } from '../../src/protocol/live-messages';
import { connect, runtime } from '../platform/runtime';
import { LivePort, type LiveState } from './live-port';
import { TrafficHistory } from './traffic-history';

export interface Live {
  state: LiveState | undefined;
  history: TrafficHistory;
  send: (command: LiveCommand) => void;
}

export function useLive(): Live {
  const [state, setState] = useState<LiveState>();
  const history = useRef(new TrafficHistory());
  const port = useRef<LivePort>(undefined);

  useEffect(() => {
    const opened = new LivePort({
      connect: () => connect(LIVE_PORT),
      onHostStarted,
      onChange: (changed) => {
        if (changed.status === 'live') history.current.add(changed.report);
        else history.current = new TrafficHistory();
        setState(changed);
      },
    });
    port.current = opened;
    return () => opened.close();
  }, []);

  return { state, history: history.current, send: (command) => port.current?.send(command) };
}

function onHostStarted(listener: () => void): () => void {
  const handler = (message: unknown): void => {
    const { to, type } = (message ?? {}) as { to?: unknown; type?: unknown };
    if (to === HOST_STARTED.to && type === HOST_STARTED.type) listener();
  };
  runtime.onMessage.addListener(handler);
  return () => runtime.onMessage.removeListener(handler);
}
