// Remote peers and pages that try to use up this browser's connections. An offer costs its sender nothing, so it must cost the
// host little, for a short time, and other sites nothing.
import type { JSHandle } from '@playwright/test';
import type { DataConnection, Peer } from 'peerjs';
import type { Tap } from '../pages/kit/tap';
import { expect, test as base, uniqueId, type PeerPage } from '../support/fixtures';
import { countInHost, type PeerConnectionCount } from '../support/peer-connection-count';
import { HostCensus } from '../support/host-census';
import { freshOrigin, openedId, visit } from '../support/prompt-page';
import { tapAt } from '../support/tapped';

/** The host closes a connection within 5 s. Shorter than the 30 s after which an unestablished connection ends in any case. */
const CLOSED_SOON = { timeout: 20_000 };

interface Victim {
  id: string;
  peer: JSHandle<Peer>;
  /** Counts the host's RTCPeerConnections since the victim's Peer opened. */
  count: () => Promise<PeerConnectionCount>;
}

interface Fixtures {
  victim: Victim;
  /** A hand-made peer, registered at the server. */
  attacker: JSHandle<Tap>;
  /** Connects two pages of an uninvolved site. */
  connectElsewhere: () => Promise<void>;
}

const test = base.extend<Fixtures>({
  victim: async ({ openPage, browsers }, use) => {
    const id = uniqueId('victim');
    const peer = await (await openPage('peerport')).open(id);
    await use({ id, peer, count: await countInHost(await browsers.extended()) });
  },
  attacker: async ({ reuseBlankPage, peerServer }, use) => {
    await use(await tapAt(await reuseBlankPage(), peerServer, uniqueId('tap')));
  },
  connectElsewhere: async ({ browsers, site, peerServer }, use) => {
    const browser = await browsers.extended();
    const pages: PeerPage[] = [];
    await use(async () => {
      const origin = freshOrigin(site);
      await browser.allow(origin);
      const [one, two] = [
        await visit(browser.context, origin, peerServer),
        await visit(browser.context, origin, peerServer),
      ];
      pages.push(one, two);
      const to = await openedId(await two.construct(undefined));
      const from = await one.construct(undefined);
      await openedId(from);
      await from.evaluate((peer, to) => kit.opened(kit.dial(peer, to)).then(() => undefined), to);
    });
    await Promise.all(pages.map(({ page }) => page.close()));
  },
});

/** Offers `count` data connections, with the description `sdp` or else with a valid one that is never completed. */
function flood(attacker: JSHandle<Tap>, dst: string, count: number, sdp?: string): Promise<void> {
  return attacker.evaluate(
    async (tap, { dst, count, sdp }) => {
      const maker = new RTCPeerConnection();
      maker.createDataChannel('flood');
      const offer = sdp === undefined ? await maker.createOffer() : { type: 'offer' as const, sdp };
      maker.close();
      for (let n = 0; n < count; n++) {
        const payload = { sdp: offer, type: 'data', connectionId: `dc_flood_${n}`, label: 'x', reliable: true };
        tap.send({ type: 'OFFER', dst, payload: { ...payload, serialization: 'binary' } });
      }
    },
    { dst, count, sdp },
  );
}

/** Dials properly. When the connection arrives, the host has dealt with all earlier messages of the attacker. */
async function dialHonestly(attacker: JSHandle<Tap>, { id, peer }: Victim): Promise<void> {
  await attacker.evaluate((tap, id) => tap.dial(id, { connectionId: 'dc_honest' }), id);
  await peer.evaluate((peer) => kit.watch(peer).until(() => kit.watch(peer).count('connection') > 0));
}

test('five hundred malformed offers cost no connection, and the page does not notice them', async ({
  victim,
  attacker,
  connectElsewhere,
}) => {
  await flood(attacker, victim.id, 520, 'x');
  await dialHonestly(attacker, victim);
  expect((await victim.count()).made).toBe(1);
  expect(
    await victim.peer.evaluate((peer) => [kit.watch(peer).count('connection'), kit.watch(peer).count('error')]),
  ).toEqual([1, 0]);
  await connectElsewhere();
});

test('an offer that the browser refuses costs one connection, which is closed, and the page gets an error', async ({
  victim,
  attacker,
}) => {
  const sdp = [
    ...['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE nowhere'],
    ...['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'a=mid:0', 'a=setup:actpass', 'a=sctp-port:5000'],
    ...['a=ice-ufrag:aBcD', 'a=ice-pwd:abcdefghijklmnopqrstuvwx', 'a=fingerprint:sha-256 AA:BB', ''],
  ].join('\r\n');
  await flood(attacker, victim.id, 1, sdp);
  const seen = await victim.peer.evaluate(async (peer) => {
    await kit.happened(peer, 'error');
    const { type } = kit.watch(peer).occurrences.find(({ event }) => event === 'error')!.argument as { type: string };
    const [connection] = kit.watch(peer).occurrences.filter(({ event }) => event === 'connection');
    await kit.happened(connection!.argument as object, 'error');
    const log = kit.log(connection!.argument as object);
    return { type, log, isOpen: peer.open };
  });
  expect(seen).toEqual({ type: 'webrtc', log: ['error negotiation-failed'], isOpen: true });
  await expect.poll(() => victim.count(), CLOSED_SOON).toEqual({ made: 1, open: 0 });
});

test('a connection whose encryption fails ends at once, although ICE stays connected', async ({ victim, attacker }) => {
  await attacker.evaluate((tap, id) => {
    const send = tap.send.bind(tap);
    tap.send = (signal) => {
      // The fingerprint does not match the certificate that the attacker presents.
      const sdp = signal.payload?.sdp;
      if (sdp?.sdp !== undefined) {
        const wrong = sdp.sdp.replace(
          /(a=fingerprint:\S+ )(..)/,
          (_, head: string, byte: string) => head + (byte === 'AA' ? 'BB' : 'AA'),
        );
        signal = { ...signal, payload: { ...signal.payload, sdp: { type: sdp.type, sdp: wrong } } };
      }
      send(signal);
    };
    void tap.dial(id);
  }, victim.id);
  const log = await victim.peer.evaluate(async (peer) => {
    await kit.happened(peer, 'connection');
    const { argument } = kit.watch(peer).occurrences.find(({ event }) => event === 'connection')!;
    const connection = argument as DataConnection;
    await kit.happened(connection, 'error');
    const { argument: error } = kit.watch(connection).occurrences.find(({ event }) => event === 'error')!;
    return { type: (error as { type: string }).type, isOwn: (error as Error).message.includes('Negotiation of') };
  });
  expect(log).toEqual({ type: 'negotiation-failed', isOwn: true });
  await expect.poll(async () => (await victim.count()).open, CLOSED_SOON).toBe(0);
});

test('five hundred offers never completed take sixteen connections for half a minute, and another site connects', async ({
  victim,
  attacker,
  connectElsewhere,
}) => {
  test.slow();
  await flood(attacker, victim.id, 520);
  await expect.poll(async () => (await victim.count()).open).toBe(16);
  await connectElsewhere();
  // The other site's two connections come on top of the victim's sixteen.
  expect((await victim.count()).open).toBe(16 + 2);
  await victim.peer.evaluate((peer) => {
    const incoming = kit.watch(peer).occurrences.filter(({ event }) => event === 'connection');
    return Promise.all(incoming.map(({ argument }) => kit.happened(argument as object, 'error')));
  });
  await expect.poll(async () => (await victim.count()).open).toBe(2);
  const heard = await victim.peer.evaluate((peer) => ({
    isOpen: peer.open,
    errors: kit.watch(peer).count('error'),
    connections: kit.watch(peer).count('connection'),
  }));
  expect(heard).toEqual({ isOpen: true, errors: 0, connections: 16 });
});

test('an ID that another site of this browser has is refused by the server alone', async ({
  victim,
  browsers,
  site,
  peerServer,
}) => {
  const browser = await browsers.extended();
  const origin = freshOrigin(site);
  await browser.allow(origin);
  const page = await visit(browser.context, origin, peerServer);
  const dials = (): number => peerServer.socketUrls.filter((url) => url.includes(`id=${victim.id}`)).length;
  expect(dials()).toBe(1);
  const asking = await page.construct(victim.id);
  const error = await asking.evaluate(async (peer) => {
    await kit.happened(peer, 'error');
    return (kit.watch(peer).occurrences.find(({ event }) => event === 'error')!.argument as { type: string }).type;
  });
  expect([error, dials()]).toEqual(['unavailable-id', 2]);
  expect(await victim.peer.evaluate((peer) => peer.open)).toBe(true);
  await page.page.close();
});

// Chromium allows 500 RTCPeerConnections in the host and counts closed ones until they are collected.
test('a page that connects and closes in a loop leaves connections to other sites', async ({
  victim,
  connectElsewhere,
}) => {
  const connectAndClose = (): Promise<string[]> =>
    victim.peer.evaluate(async (peer) => {
      const refused: string[] = [];
      const connections = Array.from({ length: 50 }, () => peer.connect('nobody-there'));
      for (const connection of connections) connection.on('error', ({ message }) => refused.push(message));
      // Once the host has answered, it has made all the connections that have room.
      await Promise.all(connections.map(({ peerConnection }) => peerConnection.getStats()));
      for (const connection of connections) connection.close();
      return refused;
    });
  // Twice as many as the browser allows the host at once.
  while ((await victim.count()).made < 1000) expect(await connectAndClose()).toEqual([]);
  await connectElsewhere();
});

// Chromium never collects a connection that is closed while one of its events is scheduled. 500 of them would leave the host no
// connections, whichever end closed them.
test('connections that close while candidate gathering begins are garbage-collected', async ({ victim, browsers }) => {
  const census = await HostCensus.of(await browsers.extended());
  const { peerConnections: before } = await census.take();
  await victim.peer.evaluate(async (peer) => {
    for (let n = 0; n < 200; n++) {
      const connection = peer.connect('nobody-there');
      // Closes after 0 to 20 ms: the connection gets its local description and begins to gather in that time.
      await new Promise((resolve) => setTimeout(resolve, n / 10));
      connection.close();
    }
  });
  await expect.poll(async () => (await victim.count()).made).toBe(200);
  await expect.poll(async () => (await census.take()).peerConnections).toBe(before);
  await census.close();
});

test('connections that close while they are being established are garbage-collected', async ({
  victim,
  openPage,
  browsers,
}) => {
  const remoteId = uniqueId('remote');
  await (await openPage('peerjs')).open(remoteId);
  const census = await HostCensus.of(await browsers.extended());
  const { peerConnections: before } = await census.take();
  await victim.peer.evaluate(async (peer, remoteId) => {
    const closeAfter = async (milliseconds: number) => {
      const connection = peer.connect(remoteId);
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      connection.close();
    };
    // Ten at a time, closed after 0 to 199 ms: after the offer, while gathering, while connecting, and when open.
    for (let round = 0; round < 20; round++) {
      await Promise.all(Array.from({ length: 10 }, (_, index) => closeAfter(round + 20 * index)));
    }
  }, remoteId);
  await expect.poll(async () => (await victim.count()).made).toBe(200);
  await expect.poll(async () => (await census.take()).peerConnections).toBe(before);
  await census.close();
});
