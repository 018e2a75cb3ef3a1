// Pages with frames of other sites, for tests of prompts.
import type { TestPeerServer } from './peer-server';
import type { SiteServer } from './site-server';

/**
 * The URL of a page of the first origin. Each further origin is a frame inside the previous one; the innermost frame
 * shows `inner`.
 */
export function nestedUrl(site: SiteServer, origins: readonly string[], inner: string): string {
  const [page, ...frames] = origins;
  return page! + frames.reduceRight((inside, origin) => site.page(`<iframe src="${origin}${inside}"></iframe>`), inner);
}

/**
 * The path of a page with one frame of this origin. A script in the frame makes a Peer at once, and another Peer at
 * each click in the frame and each message to it: a test's `evaluate` there would count as user activation. The page
 * lists the outcome of each Peer in `heard`: `open`, or the text of its error.
 */
export function pageWithAskingFrame(site: SiteServer, { peerOptions }: TestPeerServer, origin: string): string {
  const inside = site.page(`<body style="height: 100vh"><script>
    const start = () => {
      const peer = new Peer(${JSON.stringify(peerOptions)});
      peer.on('open', () => parent.postMessage('open', '*'));
      peer.on('error', ({ message }) => parent.postMessage(message, '*'));
    };
    addEventListener('message', start);
    addEventListener('click', start);
    start();
  </script>`);
  return site.page(`<script>
    const heard = [];
    addEventListener('message', ({ data }) => heard.push(data));
  </script><iframe src="${origin}${inside}"></iframe>`);
}
