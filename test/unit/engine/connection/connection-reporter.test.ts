import { describe, expect, expectTypeOf, it } from 'vitest';
import { ConnectionReporter, type DataConnectionReporter } from '../../../../src/engine/connection/connection-reporter';
import { PageOutbox } from '../../../../src/engine/connection/page-outbox';
import { endpointPair } from '../../../support/fakes/endpoint-pair';
import { FakeOutboxClock } from '../../../support/fakes/outbox-clock';

function makePage() {
  const [host, page] = endpointPair();
  const outbox = new PageOutbox(new FakeOutboxClock(), () => undefined);
  outbox.bind(host);
  return { outbox, received: () => page.received.slice(1) };
}

describe('ConnectionReporter', () => {
  it('addresses each message to the page’s key of the connection', () => {
    const { outbox, received } = makePage();
    const reporter: DataConnectionReporter = new ConnectionReporter(outbox, 7);
    reporter.post({ type: 'connection.credit', bytes: 1, window: 2 });
    reporter.deliver({ data: 'x', size: 1 });
    reporter.postError('connection-closed', 'gone');
    reporter.postClosed();
    expect(received()).toEqual([
      { type: 'connection.credit', connectionKey: 7, bytes: 1, window: 2 },
      { type: 'data', connectionKeys: [7], data: ['x'] },
      { type: 'connection.error', connectionKey: 7, error: { type: 'connection-closed', message: 'gone' } },
      { type: 'connection.closed', connectionKey: 7 },
    ]);
  });

  it('reports to the next page, under its key, once it is moved', () => {
    const [former, next] = [makePage(), makePage()];
    const reporter = new ConnectionReporter(former.outbox, 7);
    reporter.moveTo(next.outbox, -3);
    reporter.postClosed();
    expect(former.received()).toEqual([]);
    expect(next.received()).toEqual([{ type: 'connection.closed', connectionKey: -3 }]);
  });

  it('reports no message of a call for a data connection', () => {
    type Reported = Parameters<DataConnectionReporter['post']>[0]['type'];
    expectTypeOf<Extract<Reported, `call.${string}`>>().toBeNever();
    expectTypeOf<Extract<Reported, 'connection.credit'>>().not.toBeNever();
  });
});
