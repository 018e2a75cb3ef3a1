// The cost for a page that never uses a Peer: size and run time of the injected script, compared with PeerJS's own script.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { asChromium, chromiumOf } from '../browsers.mjs';
import { PEERJS } from '../servers.mjs';
import { traceNavigations } from '../tracing.mjs';

const SCRIPT = join('extension', 'page', 'index.iife.js');
/** Navigations per round. */
const NAVIGATIONS = 20;

/** @param {import('../bench.mjs').Bench} bench @returns {Promise<import('../row.mjs').Row[]>} */
export async function measureScript(bench) {
  const files = { PeerJS: readFileSync(PEERJS), Peerport: readFileSync(join(bench.world.extension, SCRIPT)) };
  return [
    {
      figure: 'script in the page, minified',
      unit: 'kB',
      digits: 1,
      samples: { PeerJS: [kilobytes(files.PeerJS)], Peerport: [kilobytes(files.Peerport)] },
      compare: 'value',
    },
    {
      figure: 'script in the page, minified and gzipped',
      unit: 'kB',
      digits: 1,
      samples: { PeerJS: [kilobytes(gzip(files.PeerJS))], Peerport: [kilobytes(gzip(files.Peerport))] },
      compare: 'value',
      must: { atMost: 15 },
      aim: { atMost: 8 },
    },
    ...(await runTimeRows(bench)),
  ];
}

/** @param {import('../bench.mjs').Bench} bench @returns {Promise<import('../row.mjs').Row[]>} */
async function runTimeRows(bench) {
  const figure = 'its run time in a page that never uses it';
  if (!asChromium(bench.sides[0].browsers.dialling)) {
    bench.leaveOut(figure, 'only Chromium has a readable trace of it');
    return [];
  }
  return [
    {
      figure,
      unit: 'ms',
      digits: 2,
      samples: await measureRunTime(bench),
      compare: 'value',
      must: { atMost: 3 },
      aim: { atMost: 1 },
    },
  ];
}

/**
 * The time to compile and run the script, from the browser's own trace. One sample per navigation.
 * @param {import('../bench.mjs').Bench} bench
 */
async function measureRunTime(bench) {
  const rounds = await bench.withEach(
    async (side) => {
      const page = await side.browsers.dialling.newPage();
      return { page, close: () => page.close() };
    },
    (pages) =>
      bench.inTurns(bench.options.rounds, (side) => {
        const isPeerJS = side.name === 'PeerJS';
        const url = `${side.origin}/${isPeerJS ? 'blank-peerjs' : 'blank'}.html`;
        const script = isPeerJS ? '/peerjs.min.js' : '/extension/page/index.iife.js';
        return traceNavigations(chromiumOf(side.browsers.dialling), pages[side.name].page, {
          url,
          script,
          count: NAVIGATIONS,
        });
      }),
  );
  return { PeerJS: rounds.PeerJS.flat(), Peerport: rounds.Peerport.flat() };
}

/** @param {Buffer} bytes */
function gzip(bytes) {
  return gzipSync(bytes, { level: 9 });
}

/** @param {Buffer} bytes */
function kilobytes(bytes) {
  return bytes.length / 1000;
}
