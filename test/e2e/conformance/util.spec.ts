// `window.peerjs.util`, from which pages use the codec and the feature flags.
import { eachImplementation } from '../../support/conformance';
import { FIREFOX_DIFFERENCES } from '../../support/differences';

/** The members that are the same in both browsers. */
const MEMBERS = {
  members: [
    'CLOUD_HOST: string',
    'CLOUD_PORT: number',
    'browser: string',
    'browserVersion: number',
    'chunk: function',
    'chunkedBrowsers: object',
    'chunkedMTU: number',
    'defaultConfig: object',
    'pack: function',
    'randomToken: function',
    'supports: object',
    'unpack: function',
    'validateId: function',
  ],
  noop: 'function',
  isSecure: false,
  host: '0.peerjs.com',
  port: 443,
  mtu: 16_300,
  chunkedBrowsers: { Chrome: 1, chrome: 1 },
  version: true,
  supports: { browser: true, webRTC: true, audioVideo: true, data: true, binaryBlob: true, reliable: true },
};

eachImplementation('util has PeerJS’s members', {
  run: ({ page }) =>
    page.evaluate(() => {
      const { util } = peerjs;
      const members: string[] = [];
      for (const name in util)
        if (!name.startsWith('_'))
          members.push(`${name}: ${typeof (util as unknown as Record<string, unknown>)[name]}`);
      return {
        members: members.sort(),
        noop: typeof util.noop,
        isSecure: util.isSecure(),
        host: util.CLOUD_HOST,
        port: util.CLOUD_PORT,
        mtu: util.chunkedMTU,
        chunkedBrowsers: util.chunkedBrowsers,
        browser: util.browser,
        version:
          typeof util.browserVersion === 'number' ? util.browserVersion > 100 : Number(util.browserVersion) > 100,
        supports: util.supports,
      };
    }),
  expected: { ...MEMBERS, browser: 'chrome' },
  inFirefox: { because: FIREFOX_DIFFERENCES.ownName, expected: { ...MEMBERS, browser: 'firefox' } },
});

eachImplementation('util validates IDs and makes tokens', {
  run: ({ page }) =>
    page.evaluate(() => {
      const { validateId, randomToken } = peerjs.util;
      return {
        ids: ['a', 'a-b', 'a_b', 'a b', '', 'a--b', '-a', 'a.b', 'ü'].map((id) => validateId(id)),
        token: /^[a-z0-9]{6,13}$/.test(randomToken()),
        differs: randomToken() !== randomToken(),
      };
    }),
  expected: { ids: [true, true, true, true, true, false, false, false, false], token: true, differs: true },
});

eachImplementation('util packs, unpacks and cuts as PeerJS does', {
  run: ({ page }) =>
    page.evaluate(async () => {
      const { util } = peerjs;
      const packed = util.pack({ a: [1, 'two', null], b: new Uint8Array([3]) }) as ArrayBuffer;
      const large = util.chunk(new ArrayBuffer(16_301));
      const next = util.chunk(new ArrayBuffer(1));
      const blob = (await util.pack({ blob: new Blob(['x']) })) as ArrayBuffer;
      return {
        packed: kit.describe(packed),
        unpacked: kit.describe(util.unpack(packed)),
        blob: kit.describe(blob),
        chunks: large.map((chunk) => [chunk.n, chunk.total, (chunk.data as unknown as ArrayBuffer).byteLength]),
        keys: Object.keys(large[0]!),
        counts: next[0]!.__peerData === large[0]!.__peerData + 1,
        throws: kit.attempt(() => util.pack(new Map() as never)),
      };
    }),
  expected: {
    packed: 'ArrayBuffer(14) 82b1619301b374776fc0b162a103',
    unpacked: '{"a": [1, "two", null], "b": ArrayBuffer(1) 03}',
    blob: 'ArrayBuffer(8) 81b4626c6f62a178',
    chunks: [
      [0, 2, 16_300],
      [1, 2, 1],
    ],
    keys: ['__peerData', 'n', 'data', 'total'],
    counts: true,
    throws: 'throws Error',
  },
});

eachImplementation('util converts Blobs and binary strings', {
  run: ({ page }) =>
    page.evaluate(async () => {
      const { util } = peerjs;
      const buffer = await new Promise((resolve) => util.blobToArrayBuffer(new Blob(['abc']), resolve));
      return [kit.describe(buffer), kit.describe(util.binaryStringToArrayBuffer('a\u00ff\u0141'))];
    }),
  expected: ['ArrayBuffer(3) 616263', 'ArrayBuffer(3) 61ff41'],
});

eachImplementation('the next Peer uses a changed util.defaultConfig', {
  run: ({ page }) =>
    page.evaluate(() => {
      (peerjs.util.defaultConfig as { iceServers: unknown[] }).iceServers = [];
      return new Peer('-').options.config as unknown;
    }),
  expected: { iceServers: [], sdpSemantics: 'unified-plan' },
});
