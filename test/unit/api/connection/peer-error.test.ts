import '../../../support/fakes/page-globals';
import { describe, expect, it, vi } from 'vitest';
import { emitAndReject, EventEmitterWithError, PeerError } from '../../../../src/api/connection/peer-error';

describe('PeerError', () => {
  it('is an Error with PeerJS’s type', () => {
    const error = new PeerError('network', 'gone');
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.type, error.message]).toEqual(['Error', 'network', 'gone']);
  });

  it('keeps the original error’s message, and the error as its cause', () => {
    const cause = new TypeError('native');
    expect(new PeerError('webrtc', cause)).toMatchObject({ message: 'native', cause });
  });
});

describe('EventEmitterWithError', () => {
  it('emits the error', () => {
    const emitter = new EventEmitterWithError();
    const listener = vi.fn();
    emitter.on('error', listener);
    emitter.emitError('network', 'gone');
    expect(listener).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ type: 'network', message: 'gone' }));
  });

  it('does not throw without a listener', () => {
    expect(() => new EventEmitterWithError().emitError('network', 'gone')).not.toThrow();
  });
});

describe('emitAndReject', () => {
  it('emits the error, and rejects with the same type and message', async () => {
    const emitter = new EventEmitterWithError<'webrtc'>();
    const emitted: unknown[] = [];
    emitter.on('error', ({ type, message }: PeerError) => emitted.push([type, message]));
    await expect(emitAndReject(emitter, 'webrtc', 'no')).rejects.toMatchObject({ type: 'webrtc', message: 'no' });
    expect(emitted).toEqual([['webrtc', 'no']]);
  });
});
