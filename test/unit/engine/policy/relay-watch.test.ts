import { expect, it, vi } from 'vitest';
import { watchRelays } from '../../../../src/engine/policy/relay-watch';
import { FakePeerConnection } from '../../../support/fakes/peer-connection';

function makeWatched() {
  const connection = new FakePeerConnection();
  const onNone = vi.fn<(message: string) => void>();
  watchRelays(connection as unknown as RTCPeerConnection, onNone);
  const fail = (errorCode: number) =>
    connection.tell('icecandidateerror', { errorCode, errorText: 'secret.example', url: 'turn:secret.example' });
  return { connection, onNone, fail };
}

it('watchRelays reports once no relay has given a candidate, with the reasons', () => {
  const { connection, onNone, fail } = makeWatched();
  for (const code of [701, 701, 401, 508]) fail(code);
  expect(onNone).not.toHaveBeenCalled();
  connection.fireCandidate(null);
  const [message] = onNone.mock.calls[0]!;
  expect(message).toContain('no relay could be used: a relay cannot be reached, a relay refused the credentials, ');
  expect(message).toContain('error 508');
  // The page must not learn the relay's name.
  expect(message).not.toContain('secret.example');
});

it('watchRelays reports nothing if a relay has given a candidate', () => {
  const { connection, onNone, fail } = makeWatched();
  fail(701);
  connection.fireCandidate('candidate:1');
  connection.fireCandidate('');
  connection.fireCandidate(null);
  expect(onNone).not.toHaveBeenCalled();
});
