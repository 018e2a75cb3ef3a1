import { describe, expect, it } from 'vitest';
import { grantKey, siteOfGrantKey } from '../../../../src/sites/records/record-keys';

describe('grantKey', () => {
  it.each([
    { origin: 'https://chat.example' },
    { origin: 'https://chat.example', topOrigin: 'https://news.example' },
    { origin: 'https://chat.example', topOrigin: 'null' },
    { origin: 'https://chat.example', ancestors: ['https://widgets.example'], topOrigin: 'https://news.example' },
    { origin: 'https://chat.example', ancestors: ['null', 'https://a.example'], topOrigin: 'https://chat.example' },
  ])('names %j and nothing else', (site) => {
    expect(siteOfGrantKey(grantKey(site))).toEqual(site);
  });
});
