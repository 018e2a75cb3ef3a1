import { describe, expect, it, vi } from 'vitest';
import { hostService } from '../../../extension/host/host-service';
import { serve, type MessageEventSource, type Sender } from '../../../src/channel/control';
import type { Admission } from '../../../src/protocol/control-messages';
import { peerStart } from '../../support/fakes/page-messages';
import { siteDocument } from '../../support/fakes/site-documents';

const document = siteDocument();
const start = peerStart();
const admission = {} as Admission;
const served = [{ document, servers: [], peerIds: [] }];

const diagnostics = { entries: [], sites: [], counts: { documents: 0, peers: 0, connections: 0, queuedBytes: 0 } };

const requests = {
  expect: { ticket: 'ticket', document, start, admission },
  documents: {},
  enforce: { verdicts: [] },
  leaveTab: { tabId: 1 },
  testRelay: { server: { urls: ['turn:relay.example'] } },
  release: {},
  diagnostics: {},
};

function makeService() {
  const host = {
    isIdle: false,
    expect: vi.fn(),
    documents: vi.fn(() => served),
    enforce: vi.fn(),
    leaveTab: vi.fn(),
    testRelay: vi.fn(async () => ({})),
    diagnostics: vi.fn(() => diagnostics),
  };
  let listener!: Parameters<MessageEventSource['addListener']>[0];
  const background = {
    name: 'the background',
    recognize: ({ id }: Sender) => (id === 'background' ? (true as const) : undefined),
  };
  serve({ addListener: (given) => (listener = given) }, 'host', hostService(host, background));
  const send = (type: keyof typeof requests, from: string) =>
    listener({ to: 'host', type, ...requests[type] }, { id: from });
  return { host, send };
}

describe('requests to the engine host', () => {
  it.each(Object.keys(requests) as (keyof typeof requests)[])(
    '%s is refused to all but the background',
    async (type) => {
      const { host, send } = makeService();
      await expect(send(type, 'stranger')).rejects.toThrow('Only the background may send this request.');
      const { isIdle: _, ...methods } = host;
      for (const method of Object.values(methods)) expect(method).not.toHaveBeenCalled();
    },
  );

  it('announce a document with its ticket, Peer and admission', async () => {
    const { host, send } = makeService();
    expect(await send('expect', 'background')).toBe(true);
    expect(host.expect.mock.calls).toEqual([['ticket', document, start, admission]]);
  });

  it('list the documents that the host serves', async () => {
    expect(await makeService().send('documents', 'background')).toEqual(served);
  });

  it('enforce verdicts', async () => {
    const { host, send } = makeService();
    expect(await send('enforce', 'background')).toBe(true);
    expect(host.enforce.mock.calls).toEqual([[[]]]);
  });

  it('end what is parked for a tab', async () => {
    const { host, send } = makeService();
    expect(await send('leaveTab', 'background')).toBe(true);
    expect(host.leaveTab.mock.calls).toEqual([[1]]);
  });

  it('read the diagnostics', async () => {
    expect(await makeService().send('diagnostics', 'background')).toEqual(diagnostics);
  });

  it('test a relay', async () => {
    const { host, send } = makeService();
    expect(await send('testRelay', 'background')).toEqual({});
    expect(host.testRelay.mock.calls).toEqual([[requests.testRelay.server]]);
  });

  it('ask whether the host is idle', async () => {
    const { host, send } = makeService();
    expect(await send('release', 'background')).toEqual({ isIdle: false });
    host.isIdle = true;
    expect(await send('release', 'background')).toEqual({ isIdle: true });
  });
});
