import '../../../support/fakes/page-globals';
import { describe, expect, it } from 'vitest';
import { checkConfiguration, portableConfiguration } from '../../../../src/api/connection/configuration';
import { util } from '../../../../src/api/util';

describe('portableConfiguration', () => {
  it('has the members that can cross a port', () => {
    const config = { iceServers: [{ urls: 'stun:a' }], iceTransportPolicy: 'relay', bundlePolicy: 'balanced' } as const;
    expect(portableConfiguration({ ...config, iceServers: [{ urls: 'stun:a' }] })).toEqual(config);
  });

  it('drops all other members', () => {
    const config = { certificates: [() => {}], sdpSemantics: 'unified-plan' } as unknown as RTCConfiguration;
    expect(structuredClone(portableConfiguration(config))).toEqual({});
    expect(portableConfiguration(undefined)).toEqual({});
  });

  it('shares no object with the page’s configuration', () => {
    const config = { iceServers: [{ urls: ['stun:a'] }] };
    const portable = portableConfiguration(config);
    config.iceServers[0]!.urls.push('stun:b');
    expect(portable).toEqual({ iceServers: [{ urls: ['stun:a'] }] });
  });
});

describe('checkConfiguration', () => {
  it.each([undefined, util.defaultConfig, {}, { iceServers: [{ urls: 'stun:stun.example:3478' }] }])(
    'takes %j',
    (config) => {
      expect(() => checkConfiguration(config)).not.toThrow();
    },
  );

  it('throws RTCPeerConnection’s error every time', () => {
    const config = { iceServers: [{ urls: 'http://a' }] };
    for (let n = 0; n < 2; n++) expect(() => checkConfiguration(config)).toThrow(DOMException);
  });

  it('checks a changed configuration again', () => {
    const config = { iceServers: [{ urls: 'turn:a' }] };
    checkConfiguration(config);
    config.iceServers[0]!.urls = 'http://a';
    expect(() => checkConfiguration(config)).toThrow(DOMException);
  });
});
