import { describe, expect, it } from 'vitest';
import { groupBySite, otherSites } from '../../../extension/panel/live-sites';
import { liveConnection, liveDocument, liveReport } from '../../support/fakes/live-report';

const all = () => true;
const a = { origin: 'https://a.example' };

describe('live sites', () => {
  it('group the documents of one origin, with all their connections', () => {
    const report = liveReport(0, liveDocument(a), liveDocument({ origin: 'https://b.example' }), liveDocument(a));
    expect(groupBySite(report, all).map(({ origin, connections }) => [origin, connections.length])).toEqual([
      ['https://a.example', 2],
      ['https://b.example', 1],
    ]);
  });

  it('are separate where the origin is embedded, or in a private window', () => {
    const embedded = { ...a, topOrigin: 'https://b.example' };
    const report = liveReport(0, liveDocument(a), liveDocument(embedded), liveDocument({ ...a, isPrivate: true }));
    expect(groupBySite(report, all)).toHaveLength(3);
  });

  it('of other tabs include only those with connections', () => {
    const report = liveReport(
      0,
      liveDocument({ ...a, tabId: 1 }),
      liveDocument({ origin: 'https://b.example', tabId: 2 }),
      liveDocument({ origin: 'https://c.example', tabId: 3 }, []),
    );
    expect(otherSites(report, 1, false).map(({ origin }) => origin)).toEqual(['https://b.example']);
  });

  it('of private windows appear only there, and other sites do not appear there', () => {
    const report = liveReport(0, liveDocument({ ...a, tabId: 2 }), liveDocument({ ...a, tabId: 3, isPrivate: true }));
    expect(otherSites(report, 1, false).map(({ isPrivate }) => isPrivate)).toEqual([false]);
    expect(otherSites(report, 1, true).map(({ isPrivate }) => isPrivate)).toEqual([true]);
  });

  it('keep the host’s order', () => {
    const connections = ['2', '1'].map((key) => liveConnection({ key }));
    const [group] = groupBySite(liveReport(0, liveDocument(a, connections)), all);
    expect(group!.connections.map(({ key }) => key)).toEqual(['2', '1']);
  });
});
