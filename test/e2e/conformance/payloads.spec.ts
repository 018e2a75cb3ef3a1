// Every payload with every serialization. One connection carries all payloads of a serialization, each after a marker.
import type { Family } from '../../pages/kit/payloads';
import type { Outcome } from '../../pages/kit/kit';
import { PAYLOAD_DIFFERENCES } from '../../support/differences';
import { isReference, PAIRINGS, tagsOf, title } from '../../support/conformance';
import { expect, connectPair, test, type Pair } from '../../support/fixtures';

const MATRIX: { serialization: string; family: Family }[] = [
  { serialization: 'default', family: 'binary' },
  { serialization: 'binary', family: 'binary' },
  { serialization: 'binary-utf8', family: 'binary' },
  { serialization: 'binary', family: 'large' },
  { serialization: 'json', family: 'json' },
  { serialization: 'raw', family: 'raw' },
];

async function sendAll(pair: Pair, serialization: string, family: Family): Promise<Record<string, Outcome>> {
  const { dialled, accepted } = await connectPair(pair, { serialization, reliable: true });
  const [sent, arrived] = await Promise.all([
    dialled.evaluate((connection, family) => kit.sendPayloads(connection, family), family),
    accepted.evaluate((connection) => kit.receivePayloads(connection)),
  ]);
  return Object.fromEntries(
    Object.entries(sent).map(([name, outcome]) => [name, { ...outcome, arrived: arrived[name] ?? ['no marker'] }]),
  );
}

for (const { serialization, family } of MATRIX) {
  for (const pairing of PAIRINGS) {
    const name = `${serialization} delivers every ${family} payload as PeerJS does (${title(pairing)})`;
    test(name, tagsOf(pairing), async ({ reusePage, recall }) => {
      const [dialler, answerer] = await Promise.all([reusePage(pairing.dialler), reusePage(pairing.answerer)]);
      const outcomes = await sendAll({ dialler, answerer }, serialization, family);

      const table = await answerer.page.evaluate((family) => kit.expectedPayloads(family), family);
      const differences = pairing.answerer === 'peerport' ? PAYLOAD_DIFFERENCES[family] : {};
      expect(outcomes).toEqual({ ...table, ...differences });

      const reference = await recall(`payloads ${serialization} ${family}`, async () => {
        if (isReference(pairing)) return outcomes;
        const [dialler, answerer] = await Promise.all([reusePage('peerjs'), reusePage('peerjs')]);
        return sendAll({ dialler, answerer }, serialization, family);
      });
      expect(outcomes).toEqual({ ...reference, ...differences });
    });
  }
}
