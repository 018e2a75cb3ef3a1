import '../../../support/fakes/page-globals';
import { describe, expect, it } from 'vitest';
import { StatsRequests } from '../../../../src/api/connection/stats-requests';

function makeRequests() {
  const asked: number[] = [];
  return { requests: new StatsRequests((requestId) => void asked.push(requestId)), asked };
}

describe('StatsRequests', () => {
  it('settles each request with its own answer, in any order', async () => {
    const { requests, asked } = makeRequests();
    const reports = [requests.request(), requests.request()];
    expect(asked).toEqual([1, 2]);
    requests.answer(2, [['second', {}]]);
    requests.answer(1, [['first', {}]]);
    expect((await Promise.all(reports)).map((report) => [...report.keys()])).toEqual([['first'], ['second']]);
  });

  it('ignores answers to no request', async () => {
    const { requests } = makeRequests();
    const report = requests.request();
    requests.answer(7, [['other', {}]]);
    requests.answer(1, [['T', {}]]);
    requests.answer(1, [['again', {}]]);
    expect([...(await report).keys()]).toEqual(['T']);
  });

  it('settles open and later requests with an empty report once they are abandoned', async () => {
    const { requests, asked } = makeRequests();
    const open = requests.request();
    requests.abandon();
    const later = requests.request();
    expect([(await open).size, (await later).size]).toEqual([0, 0]);
    expect(asked).toEqual([1]);
  });
});
