import { describe, expect, it } from 'vitest';
import { LocalMessages } from '../../../extension/event-page/local-messages';
import { hostService } from '../../../extension/host/host-service';
import { fromPage, request, serve } from '../../../src/channel/control';

const SENDER = { id: 'peerport@peerport', url: 'moz-extension://number/page.html', origin: 'moz-extension://number' };

describe('messages inside the event page', () => {
  it('deliver a request to the other side, and return the reply', async () => {
    const { background, host } = new LocalMessages(SENDER);
    const idle = {
      isIdle: true,
      documents: () => [],
      expect: () => undefined,
      enforce: () => undefined,
      leaveTab: () => undefined,
      testRelay: async () => ({}),
      diagnostics: () => {
        throw new Error('not expected');
      },
    };
    serve(host.onMessage, 'host', hostService(idle, fromPage('the background', SENDER.id, SENDER.url)));
    expect(await request(background.send, { to: 'host', type: 'release' })).toEqual({ isIdle: true });
  });

  it('name the page as their sender', async () => {
    const { background, host } = new LocalMessages(SENDER);
    background.onMessage.addListener(async (_message, sender) => sender);
    expect(await host.send({})).toEqual(SENDER);
  });

  it('are copied, as are replies', async () => {
    const { background, host } = new LocalMessages(SENDER);
    const reply = { list: [1] };
    let heard: unknown;
    host.onMessage.addListener(async (message) => {
      heard = message;
      return reply;
    });
    const sent = { list: [1] };
    const arriving = background.send(sent);
    sent.list.push(2);
    const answer = await arriving;
    expect(heard).toEqual({ list: [1] });
    expect(answer).toEqual(reply);
    expect(answer).not.toBe(reply);
  });

  it('are not delivered to their own side', async () => {
    const { background } = new LocalMessages(SENDER);
    background.onMessage.addListener(async () => 'heard');
    await expect(background.send({})).rejects.toThrow('No listener');
  });

  it('reject if no listener answers, and if the handler throws', async () => {
    const { background, host } = new LocalMessages(SENDER);
    host.onMessage.addListener(() => undefined);
    await expect(background.send({})).rejects.toThrow('No listener');
    host.onMessage.addListener(async () => {
      throw new Error('not today');
    });
    await expect(background.send({})).rejects.toThrow('not today');
  });

  it('are delivered asynchronously', async () => {
    const { background, host } = new LocalMessages(SENDER);
    const order: string[] = [];
    host.onMessage.addListener(async () => order.push('heard'));
    const arriving = background.send({});
    order.push('sent');
    await arriving;
    expect(order).toEqual(['sent', 'heard']);
  });
});
