import { describe, expect, it } from 'vitest';
import { handOver } from '../../../extension/service-worker/hand-over';

const EXTENSION = 'chrome-extension://peerport-id';

function makeHandOver({ hasHost = true } = {}) {
  const { port1, port2 } = new MessageChannel();
  const posted: unknown[] = [];
  const dependencies = {
    extensionOrigin: EXTENSION,
    postToHost: async (data: unknown, ports: readonly MessagePort[]) => {
      if (hasHost) posted.push([data, ports]);
      return hasHost;
    },
  };
  const message = {
    data: { ticket: 'ticket' },
    ports: [port2],
    sourceUrl: 'chrome-extension://changes-with-each-session/extension/bridge/index.html',
    origin: EXTENSION,
  };
  return { dependencies, message, posted, port1, port2 };
}

describe('hand-over', () => {
  it('passes the ticket and port of a bridge frame on to the host', async () => {
    const { dependencies, message, posted, port1, port2 } = makeHandOver();
    await handOver(dependencies, message);
    expect(posted).toEqual([[{ ticket: 'ticket' }, [port2]]]);
    port1.close();
  });

  it('ignores messages from other pages', async () => {
    const { dependencies, message, posted, port1 } = makeHandOver();
    await handOver(dependencies, { ...message, sourceUrl: `${EXTENSION}/extension/prompt/index.html` });
    await handOver(dependencies, { ...message, origin: 'https://chat.example' });
    expect(posted).toEqual([]);
    port1.close();
  });

  it('closes the port if no host runs', async () => {
    const { dependencies, message, port1 } = makeHandOver({ hasHost: false });
    const closed = new Promise((resolve) => port1.addEventListener('close', resolve));
    await handOver(dependencies, message);
    await closed;
  });
});
