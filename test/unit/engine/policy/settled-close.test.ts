import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { closeWhenSettled } from '../../../../src/engine/policy/settled-close';
import { FakePeerConnection } from '../../../support/fakes/peer-connection';

const DESCRIPTION = { type: 'offer', sdp: 'a' } as const;
const QUIET_MS = 150;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function makeConnection() {
  const fake = new FakePeerConnection();
  const connection = fake as unknown as RTCPeerConnection;
  closeWhenSettled(connection);
  const isClosed = (): boolean => fake.signalingState === 'closed';
  return { fake, connection, isClosed };
}

/** A connection that gathers candidates and has had no event for a while. */
async function makeSettled() {
  const made = makeConnection();
  await made.connection.setLocalDescription(DESCRIPTION);
  made.fake.tell('icegatheringstatechange');
  vi.advanceTimersByTime(QUIET_MS + 1);
  return made;
}

describe('close() of a connection in the host', () => {
  it('closes a connection that was never negotiated at once', () => {
    const { connection, isClosed } = makeConnection();
    connection.close();
    expect(isClosed()).toBe(true);
  });

  it('closes a settled connection at once', async () => {
    const { connection, isClosed } = await makeSettled();
    connection.close();
    expect(isClosed()).toBe(true);
  });

  it.each(['icegatheringstatechange', 'iceconnectionstatechange', 'connectionstatechange'])(
    'waits for 150 ms without activity after %s',
    async (event) => {
      const { fake, connection, isClosed } = await makeSettled();
      fake.tell(event);
      connection.close();
      vi.advanceTimersByTime(QUIET_MS - 1);
      expect(isClosed()).toBe(false);
      vi.advanceTimersByTime(1);
      expect(isClosed()).toBe(true);
    },
  );

  it('waits again after an event that occurs while it waits', async () => {
    const { fake, connection, isClosed } = await makeSettled();
    fake.tell('iceconnectionstatechange');
    connection.close();
    vi.advanceTimersByTime(120);
    fake.tell('connectionstatechange');
    vi.advanceTimersByTime(QUIET_MS);
    expect(isClosed()).toBe(false);
    vi.advanceTimersByTime(50);
    expect(isClosed()).toBe(true);
  });

  it('waits up to a second for the end of candidate gathering', async () => {
    const { fake, connection, isClosed } = await makeSettled();
    fake.iceGatheringState = 'gathering';
    fake.tell('icegatheringstatechange');
    connection.close();
    vi.advanceTimersByTime(999);
    expect(isClosed()).toBe(false);
    vi.advanceTimersByTime(1);
    expect(isClosed()).toBe(true);
  });

  it('closes 150 ms after candidate gathering has ended', async () => {
    const { fake, connection, isClosed } = await makeSettled();
    fake.iceGatheringState = 'gathering';
    fake.tell('icegatheringstatechange');
    connection.close();
    vi.advanceTimersByTime(300);
    fake.iceGatheringState = 'complete';
    fake.tell('icegatheringstatechange');
    vi.advanceTimersByTime(QUIET_MS + 50);
    expect(isClosed()).toBe(true);
  });

  it.each<[string, (connection: RTCPeerConnection) => Promise<void>]>([
    ['setRemoteDescription()', (connection) => connection.setRemoteDescription(DESCRIPTION)],
    ['addIceCandidate()', (connection) => connection.addIceCandidate({ candidate: '' })],
  ])('waits after %s', async (_, negotiate) => {
    const { connection, isClosed } = await makeSettled();
    await negotiate(connection).catch(() => undefined);
    connection.close();
    expect(isClosed()).toBe(false);
    vi.advanceTimersByTime(QUIET_MS);
    expect(isClosed()).toBe(true);
  });

  it.each<[string, (fake: FakePeerConnection, connection: RTCPeerConnection, channel: EventTarget) => void]>([
    [
      'it created',
      (fake, connection, channel) => {
        fake.createDataChannel = () => channel as never;
        closeWhenSettled(connection);
        connection.createDataChannel('label');
      },
    ],
    [
      'the remote peer created',
      (fake, connection, channel) => {
        closeWhenSettled(connection);
        fake.tell('datachannel', { channel });
      },
    ],
  ])('waits after the remote peer has closed the channel that %s', (_, makeChannel) => {
    const fake = new FakePeerConnection();
    const connection = fake as unknown as RTCPeerConnection;
    const channel = new EventTarget();
    makeChannel(fake, connection, channel);
    channel.addEventListener('close', () => connection.close());
    channel.dispatchEvent(new Event('close'));
    expect(fake.signalingState).not.toBe('closed');
    vi.advanceTimersByTime(QUIET_MS);
    expect(fake.signalingState).toBe('closed');
  });

  it('waits for candidate gathering to begin, for at most five seconds', () => {
    const { connection, isClosed } = makeConnection();
    void connection.setLocalDescription(DESCRIPTION);
    connection.close();
    vi.advanceTimersByTime(4999);
    expect(isClosed()).toBe(false);
    vi.advanceTimersByTime(50);
    expect(isClosed()).toBe(true);
  });

  it('closes although the browser rejects the local description', async () => {
    const fake = new FakePeerConnection();
    fake.setLocalDescription = () => Promise.reject(new Error('no such description'));
    const connection = fake as unknown as RTCPeerConnection;
    closeWhenSettled(connection);
    const setting = connection.setLocalDescription(DESCRIPTION);
    connection.close();
    await expect(setting).rejects.toThrow('no such description');
    vi.advanceTimersByTime(2 * QUIET_MS);
    expect(fake.signalingState).toBe('closed');
  });
});
