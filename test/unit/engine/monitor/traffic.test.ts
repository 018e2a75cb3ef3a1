import { describe, expect, it } from 'vitest';
import { readTraffic } from '../../../../src/engine/monitor/traffic';
import { connectedStats } from '../../../support/fakes/stats';

describe('traffic', () => {
  it('is read from the transport and its selected candidate pair', () => {
    expect(readTraffic(connectedStats({ bytesSent: 7, bytesReceived: 9, roundTripSeconds: 0.025 }))).toEqual({
      transport: 'up',
      path: 'direct',
      roundTrip: 25,
      bytesSent: 7,
      bytesReceived: 9,
    });
  });

  it.each([
    ['relay', 'host'],
    ['srflx', 'relay'],
  ])('is relayed with a %s candidate here and a %s candidate there', (local, remote) => {
    expect(readTraffic(connectedStats({ local, remote }))).toMatchObject({ path: 'relayed' });
  });

  it('is direct with server-reflexive and peer-reflexive candidates', () => {
    expect(readTraffic(connectedStats({ local: 'srflx', remote: 'prflx' }))).toMatchObject({ path: 'direct' });
  });

  it('is zero before the transport is connected', () => {
    const none = { transport: 'none', bytesSent: 0, bytesReceived: 0 };
    expect(readTraffic([])).toEqual(none);
    expect(readTraffic([['T', { type: 'transport', dtlsState: 'connecting', iceState: 'checking' }]])).toEqual(none);
  });

  it.each(['disconnected', 'failed'])('has the transport down if ICE is %s', (iceState) => {
    expect(readTraffic(connectedStats({ iceState }))).toMatchObject({ transport: 'down' });
  });
});
