// The test site: one loopback server under several origins. Serves test/pages, the reference PeerJS, and pages that tests define
// with their own headers.
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleKit } from './kit-script';

const PAGES = fileURLToPath(new URL('../pages', import.meta.url));
const PEERJS = fileURLToPath(new URL('../../node_modules/peerjs/dist/peerjs.min.js', import.meta.url));

const HTML = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };
/** Scripts do not change while the server runs, so browsers may cache and compile them once. */
const SCRIPT = { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'max-age=86400, immutable' };

interface Resource {
  body: string;
  headers: Record<string, string>;
}

export interface SiteServer {
  /** `http://127.0.0.1:port`, the main origin. */
  readonly origin: string;
  /** The origin of the same files under another loopback name, such as `localhost` or `a.localhost`. */
  originOf(hostname: string): string;
  /** Serves `html` with these headers at a new path, which it returns. */
  page(html: string, headers?: Record<string, string>): string;
  close(): Promise<void>;
}

export async function startSiteServer(): Promise<SiteServer> {
  const [kit, peerjs] = await Promise.all([bundleKit(), readFile(PEERJS, 'utf8')]);
  const resources = new Map<string, Resource>([
    ['/kit.js', { body: kit, headers: SCRIPT }],
    ['/peerjs.min.js', { body: peerjs, headers: SCRIPT }],
  ]);

  async function find(path: string): Promise<Resource | undefined> {
    const known = resources.get(path);
    if (known) return known;
    if (extname(path) !== '.html' || path.includes('..')) return undefined;
    return { body: await readFile(join(PAGES, path), 'utf8'), headers: HTML };
  }

  async function answer(path: string, response: ServerResponse): Promise<void> {
    const resource = await find(path).catch(() => undefined);
    // Every page would log a missing icon.
    if (!resource) response.writeHead(path === '/favicon.ico' ? 204 : 404).end();
    else response.writeHead(200, resource.headers).end(resource.body);
  }

  const http = createServer((request, response) => {
    void answer(new URL(request.url ?? '/', 'http://site').pathname, response);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;

  return {
    origin: `http://127.0.0.1:${port}`,
    originOf: (hostname) => `http://${hostname}:${port}`,
    page(html, headers = {}) {
      const path = `/written/${resources.size}.html`;
      resources.set(path, { body: `<!doctype html>${html}`, headers: { ...HTML, ...headers } });
      return path;
    },
    async close() {
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}
