import '../../../support/fakes/page-globals';
import { describe, expect, it } from 'vitest';
import { makeOpenPeer } from '../../../support/fakes/page';
import { settled } from '../../../support/fakes/settled';

async function requestFor(options: Record<string, unknown>, remotePeerId: unknown = 'remote') {
  const { peer, host } = await makeOpenPeer();
  peer.connect(remotePeerId as string, options);
  await settled();
  return host.ofType('connection.create')[0]!;
}

describe('the request for a connection', () => {
  it('has IDs as text, whatever the page gave', async () => {
    expect(await requestFor({ connectionId: 7 }, 42)).toMatchObject({ remotePeerId: '42', connectionId: '7' });
  });

  it('leaves out metadata and constraints that the page did not give', async () => {
    const request = await requestFor({});
    expect(request).not.toHaveProperty('metadata');
    expect(request).not.toHaveProperty('constraints');
    expect(request).toMatchObject({ peerKey: 1, connectionKey: 1, transformsSdp: false });
  });

  it('has those constraints alone that can cross a port', async () => {
    const constraints = { iceRestart: true, offerToReceiveAudio: 1, text: 'x', nested: {}, call: () => undefined };
    const plain = { iceRestart: true, offerToReceiveAudio: 1, text: 'x' };
    expect(await requestFor({ constraints })).toMatchObject({ constraints: plain });
    expect(Object.keys((await requestFor({ constraints })).constraints as object)).toEqual(Object.keys(plain));
  });

  it('says that the page transforms SDP only if it gave a function', async () => {
    expect(await requestFor({ sdpTransform: (sdp: string) => sdp })).toMatchObject({ transformsSdp: true });
    expect(await requestFor({ sdpTransform: 'x' })).toMatchObject({ transformsSdp: false });
  });
});
