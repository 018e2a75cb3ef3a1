import { expect, it } from 'vitest';
import { statsForPage } from '../../../../src/engine/connection/page-stats';

it('removes the URLs of ICE servers from statistics, and nothing else', () => {
  const candidate = { id: 'I1', type: 'local-candidate', candidateType: 'relay', address: '198.51.100.4' };
  const transport = { id: 'T1', type: 'transport', bytesSent: 7 };
  const url = 'turn:own.example:3478?transport=udp';
  const report: [string, unknown][] = [
    ['I1', { ...candidate, url }],
    ['T1', transport],
    ['X1', null],
  ];
  expect(statsForPage(report)).toEqual([
    ['I1', candidate],
    ['T1', transport],
    ['X1', null],
  ]);
});
