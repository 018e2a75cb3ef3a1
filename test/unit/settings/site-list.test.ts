import { describe, expect, it } from 'vitest';
import { inOrder, matching, type SiteColumn } from '../../../extension/settings/site-list';
import { siteRow } from '../../support/fakes/site-rows';

const identity = { id: 'anna', isNamed: true };
const rows = [
  siteRow('https://b.example', { decision: 'block', decidedAt: 3 }),
  siteRow('http://c.example', { decision: 'allow', decidedAt: 1, identities: [identity] }),
  siteRow('https://a.example', { decision: 'allow', decidedAt: 2, topOrigin: 'https://news.example' }),
  siteRow('https://a.example'),
];

function origins(column: SiteColumn, isDescending = false): string[] {
  return inOrder(rows, { column, isDescending }).map(({ origin, topOrigin }) =>
    [origin.replace(/.*\/\/|\.example/g, ''), topOrigin ? '+' : ''].join(''),
  );
}

describe('order of the sites', () => {
  it('sorts by host, ignoring the scheme, then by the page around the site', () => {
    expect(origins('site')).toEqual(['a', 'a+', 'b', 'c']);
    expect(origins('site', true)).toEqual(['c', 'b', 'a+', 'a']);
  });

  it('sorts by decision, and equal decisions by name', () => {
    expect(origins('decision')).toEqual(['a+', 'c', 'a', 'b']);
    expect(origins('decision', true)).toEqual(['b', 'a', 'a+', 'c']);
  });

  it('sorts by time, undecided sites first', () => {
    expect(origins('decidedAt')).toEqual(['a', 'c', 'a+', 'b']);
  });

  it('sorts by number of IDs', () => {
    expect(origins('identities', true)).toEqual(['c', 'a', 'a+', 'b']);
  });

  it('does not change the given list', () => {
    const before = [...rows];
    inOrder(rows, { column: 'site', isDescending: false });
    expect(rows).toEqual(before);
  });
});

describe('search for sites', () => {
  it('matches every word, in any case, also in the page around the site', () => {
    expect(matching(rows, 'NEWS a.ex')).toEqual([rows[2]]);
    expect(matching(rows, 'a.example')).toEqual([rows[2], rows[3]]);
  });

  it('finds all sites for an empty query, and none if no site matches', () => {
    expect(matching(rows, '')).toEqual(rows);
    expect(matching(rows, 'nowhere')).toEqual([]);
  });
});
