import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { testRelay } from '../../../../src/engine/policy/relay-test';
import { FakePeerConnections } from '../../../support/fakes/peer-connection';
import { settled } from '../../../support/fakes/settled';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const SERVER = { urls: ['turn:relay.example'], username: 'user', credential: 'secret' };

interface Gathering {
  onicecandidate: ((event: object) => void) | null;
  onicecandidateerror: ((event: object) => void) | null;
}

async function makeTest() {
  const connections = new FakePeerConnections();
  const result = testRelay(connections.create, SERVER);
  await settled();
  const connection = connections.last;
  const gathering = connection as unknown as Gathering;
  return {
    result,
    connection,
    found: (candidate: object | null) => gathering.onicecandidate?.({ candidate }),
    failed: (errorCode: number, errorText = '') =>
      gathering.onicecandidateerror?.({ errorCode, errorText, url: 'turn:relay.example:3478' }),
  };
}

it('testRelay gathers with that server alone and relays only', async () => {
  const { connection } = await makeTest();
  expect(connection.config).toEqual({ iceServers: [SERVER], iceTransportPolicy: 'relay' });
});

it('testRelay returns the first candidate and closes the connection', async () => {
  const { result, connection, found } = await makeTest();
  const candidate = { address: '192.0.2.1', port: 50_000, protocol: 'udp', relayProtocol: 'tls' };
  found({ candidate: 'candidate:1 …', ...candidate });
  expect(await result).toEqual({ candidate });
  expect(connection.connectionState).toBe('closed');
});

it.each([
  ['the server’s answer', [401], { code: 401, text: 'error 401' }],
  ['that it is unreachable', [701, 701], { code: 701, text: 'error 701' }],
  ['the server’s answer rather than that it was unreachable from one network', [701, 486, 701], { code: 486 }],
  ['that the server is not a relay', [], { code: 'no-relay', text: '', url: '' }],
])('testRelay returns %s when gathering ends without a candidate', async (_what, codes, error) => {
  const { result, found, failed } = await makeTest();
  for (const code of codes) failed(code, `error ${code}`);
  found({ candidate: '' });
  found(null);
  expect(await result).toMatchObject({ error });
});

it.each([
  ['a timeout', [], { code: 'timeout', text: '', url: '' }],
  ['the failure so far', [701], { code: 701 }],
])('testRelay returns %s after ten seconds', async (_what, codes, error) => {
  const { result, connection, failed } = await makeTest();
  for (const code of codes) failed(code);
  vi.advanceTimersByTime(10_000);
  expect(await result).toMatchObject({ error });
  expect(connection.connectionState).toBe('closed');
});

it('testRelay returns the error of a server that the browser refuses', async () => {
  const refuse = (): never => {
    throw new DOMException("'relay.example' is not a valid URL", 'SyntaxError');
  };
  expect(await testRelay(refuse, SERVER)).toEqual({
    error: { code: 'invalid', text: "'relay.example' is not a valid URL", url: '' },
  });
});

it('testRelay returns the error of a failed gathering', async () => {
  const connections = new FakePeerConnections();
  const result = testRelay((config) => {
    const connection = connections.create(config);
    connections.last.failures.set('setLocalDescription', new Error('no network process'));
    return connection;
  }, SERVER);
  expect(await result).toEqual({ error: { code: 'invalid', text: 'no network process', url: '' } });
});
