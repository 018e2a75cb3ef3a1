// Calls that cannot be made, and the errors that the page gets.
import { eachImplementation } from '../../support/conformance';
import { DIFFERENCES } from '../../support/differences';
import { uniqueId } from '../../support/fixtures';

/** The server expires all messages of a call in one sweep; see errors.spec.ts. */
const QUICK_TO_EXPIRE = { expire_timeout: 500, cleanup_out_msgs: 100 };

eachImplementation('call() without a stream returns undefined and emits nothing', {
  async run(page) {
    const peer = await page.open();
    return peer.evaluate(async (peer) => {
      const returned = [undefined, null].map((stream) => kit.attempt(() => peer.call('anyone', stream as never)));
      // The control: a stream without tracks is enough for a call.
      const call = kit.call(peer, 'anyone', new MediaStream());
      return {
        returned,
        log: kit.log(peer).slice(1),
        control: call.connectionId.slice(0, 3),
        known: kit.connectionsTo(peer, 'anyone').length,
      };
    });
  },
  expected: { returned: ['undefined', 'undefined'], log: [], control: 'mc_', known: 1 },
});

eachImplementation('call() on a disconnected Peer returns undefined and emits disconnected', {
  async run(page) {
    const peer = await page.open();
    return peer.evaluate(async (peer) => {
      peer.disconnect();
      const returned = kit.attempt(() => peer.call('anyone', new MediaStream()));
      const { argument, text } = kit.watch(peer).occurrences.at(-1)!;
      return { returned, text, message: (argument as Error).message };
    });
  },
  expected: {
    returned: 'undefined',
    text: 'error disconnected',
    message: 'Cannot connect to new Peer after disconnecting from server.',
  },
});

eachImplementation('a bad configuration throws from call', {
  async run(page) {
    const attempt = async (config: unknown) => {
      const peer = await page.open(uniqueId(), { config });
      return peer.evaluate((peer) => ({
        result: kit.attempt(() => typeof peer.call('anyone', new MediaStream())),
        known: kit.connectionsTo(peer, 'anyone').length,
        errors: kit.watch(peer).count('error'),
      }));
    };
    return {
      notAUrl: await attempt({ iceServers: [{ urls: 'nonsense:1' }] }),
      noCredential: await attempt({ iceServers: [{ urls: 'turn:127.0.0.1' }] }),
      badPolicy: await attempt({ iceTransportPolicy: 'sometimes' }),
      control: await attempt({ iceServers: [] }),
    };
  },
  expected: {
    notAUrl: { result: 'throws DOMException', known: 0, errors: 0 },
    noCredential: { result: 'throws DOMException', known: 0, errors: 0 },
    badPolicy: { result: 'throws TypeError', known: 0, errors: 0 },
    control: { result: '"object"', known: 1, errors: 0 },
  },
});

eachImplementation('a call to nobody is peer-unavailable', {
  async run(page, { extraPeerServer }) {
    const server = await extraPeerServer(QUICK_TO_EXPIRE);
    await page.open('somebody', { port: server.port });
    const peer = await page.open('caller', { port: server.port });
    return peer.evaluate(async (peer) => {
      const call = kit.call(peer, 'nobody', await kit.media({ tone: 400 }));
      await kit.happened(peer, 'error');
      // Once a later dial succeeds, no message to the call is still under way.
      await kit.opened(kit.dial(peer, 'somebody'));
      return {
        peer: kit
          .watch(peer)
          .occurrences.slice(1)
          .map(({ argument, text }) => [text, (argument as Error).message]),
        call: kit.log(call),
        open: call.open,
        kept: kit.connectionsTo(peer, 'nobody').length,
      };
    });
  },
  expected: {
    peer: [['error peer-unavailable', 'Could not connect to peer nobody']],
    call: [],
    open: false,
    kept: 1,
  },
  differs: {
    because: DIFFERENCES.failedDialTells,
    expected: {
      peer: [['error peer-unavailable', 'Could not connect to peer nobody']],
      call: ['error peer-unavailable'],
      open: false,
      kept: 0,
    },
  },
});

const FAILED_AND_TOLD = { peer: ['error webrtc'], call: ['error negotiation-failed'], open: false, peerIsOpen: true };
const FAILED_ALONE = { peer: ['error webrtc'], call: [] as string[], open: false, peerIsOpen: true };

eachImplementation('an sdpTransform that spoils the description or throws is a webrtc error of the Peer', {
  async run(page) {
    const results: unknown[] = [];
    for (const kind of ['spoils', 'throws'] as const) {
      const peer = await page.open();
      results.push(
        await peer.evaluate(async (peer, kind) => {
          const sdpTransform = () => {
            if (kind === 'throws') throw new RangeError('not this one');
            return 'nonsense';
          };
          const call = kit.call(peer, 'anyone', await kit.media({ tone: 400 }), { sdpTransform });
          await kit.happened(peer, 'error');
          return { peer: kit.log(peer).slice(1), call: kit.log(call), open: call.open, peerIsOpen: peer.open };
        }, kind),
      );
    }
    return results;
  },
  expected: [FAILED_ALONE, FAILED_ALONE],
  differs: {
    because: DIFFERENCES.failedDialTells,
    expected: [FAILED_AND_TOLD, FAILED_AND_TOLD],
  },
});
