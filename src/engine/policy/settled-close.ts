// Delays `close()` until Chromium can collect the connection. In Chromium 156 each scheduled `icegatheringstatechange` and
// `connectionstatechange` event references its connection, and a closed connection never dispatches the event. A connection
// closed in between is thus never collected. In a page without the extension, 252 of 300 connections remained when they were
// closed within 30 ms of negotiating, and 92 of 300 within 150 ms; a process may have 500. Whether an event is scheduled cannot be
// seen, so `close()` waits until the connection has had time to dispatch it. The owner must ignore a connection's events after it
// has called `close()`, because they can still occur.

/** Events that follow each other closely while a connection is negotiated, or when the network fails. */
const STATE_EVENTS = ['icegatheringstatechange', 'iceconnectionstatechange', 'connectionstatechange'] as const;

/**
 * A connection is settled if it had no activity for this many timers in sequence. One timer would not do: after a long task, it
 * could run before the events that came meanwhile.
 */
const QUIET_TICKS = 3;
/** The same while the connection gathers candidates, because the end of gathering follows without other activity. */
const QUIET_TICKS_GATHERING = 20;
const TICK_MS = 50;

/** `close()` waits no longer. A description that has no transport never begins to gather candidates. */
const LONGEST_WAIT_MS = 5000;

interface NegotiatedConnection extends Pick<
  RTCPeerConnection,
  'addEventListener' | 'close' | 'createDataChannel' | 'iceGatheringState'
> {
  setLocalDescription: (description?: RTCLocalSessionDescriptionInit) => Promise<void>;
  setRemoteDescription: (description: RTCSessionDescriptionInit) => Promise<void>;
  addIceCandidate: (candidate?: RTCIceCandidateInit | null) => Promise<void>;
}

/** Replaces the connection's `close`. It closes a settled connection at once, and any other within five seconds. */
export function closeWhenSettled(connection: NegotiatedConnection): void {
  const close = connection.close.bind(connection);
  /** Since `setLocalDescription`, until the first event. */
  let isGatheringDue = false;
  let lastActivity = -Infinity;
  let isClosed = false;

  const recordActivity = (): void => {
    lastActivity = performance.now();
  };
  for (const event of STATE_EVENTS) connection.addEventListener(event, recordActivity);
  connection.addEventListener('icegatheringstatechange', () => (isGatheringDue = false));

  // When the remote peer closes the channel, the state of the connection follows. This listener runs before that of the owner, which
  // may call `close()`.
  const watchChannel = (channel: RTCDataChannel): void => {
    channel.addEventListener('close', recordActivity);
  };
  connection.addEventListener('datachannel', ({ channel }) => {
    watchChannel(channel);
  });
  const createDataChannel = connection.createDataChannel.bind(connection);
  connection.createDataChannel = (label, options) => {
    const channel = createDataChannel(label, options);
    watchChannel(channel);
    return channel;
  };

  const setLocalDescription = connection.setLocalDescription.bind(connection);
  connection.setLocalDescription = async (description) => {
    isGatheringDue = connection.iceGatheringState === 'new';
    recordActivity();
    try {
      await setLocalDescription(description);
    } catch (error) {
      isGatheringDue = false;
      throw error;
    } finally {
      recordActivity();
    }
  };
  const setRemoteDescription = connection.setRemoteDescription.bind(connection);
  connection.setRemoteDescription = (description) => {
    recordActivity();
    return setRemoteDescription(description).finally(recordActivity);
  };
  const addIceCandidate = connection.addIceCandidate.bind(connection);
  connection.addIceCandidate = (candidate) => {
    recordActivity();
    return addIceCandidate(candidate).finally(recordActivity);
  };

  const ticksUntilSettled = (): number =>
    connection.iceGatheringState === 'gathering' ? QUIET_TICKS_GATHERING : QUIET_TICKS;

  connection.close = () => {
    if (isClosed) return;
    isClosed = true;
    if (!isGatheringDue && performance.now() - lastActivity > ticksUntilSettled() * TICK_MS) close();
    else closeWhenQuiet(performance.now() + LONGEST_WAIT_MS);
  };

  /** Closes after enough ticks without activity, at the latest at the deadline. `quietTicks`: those that have passed. */
  function closeWhenQuiet(deadline: number, quietTicks = 0): void {
    const knownActivity = lastActivity;
    setTimeout(() => {
      const passed = !isGatheringDue && lastActivity === knownActivity ? quietTicks + 1 : 0;
      if (passed >= ticksUntilSettled() || performance.now() >= deadline) close();
      else closeWhenQuiet(deadline, passed);
    }, TICK_MS);
  }
}
