// The web sites of the tests: one loopback server under several origins, serving test/pages, the reference PeerJS,
// and pages that a test writes on the spot with headers of its own.
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const PAGES = fileURLToPath(new URL('../pages', import.meta.url));
const PEERJS = fileURLToPath(new URL('../../node_modules/peerjs/dist/peerjs.min.js', import.meta.url));

const CONTENT_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

interface Resource {
  body: string;
  headers: Record<string, string>;
}

export interface SiteServer {
  /** `http://127.0.0.1:port`, the origin of tests that need but one. */
  readonly origin: string;
  /** The same files under another loopback name, such as `localhost` or `a.localhost`: another origin. */
  originOf(hostname: string): string;
  /** Serves `html` under a path of its own, with these headers, and returns the path. */
  page(html: string, headers?: Record<string, string>): string;
  close(): Promise<void>;
}

export async function startSiteServer(): Promise<SiteServer> {
  const written = new Map<string, Resource>();

  async function find(path: string): Promise<Resource | undefined> {
    const page = written.get(path);
    if (page) return page;
    const type = CONTENT_TYPES[extname(path)];
    if (type === undefined || path.includes('..')) return undefined;
    return { body: await read(path), headers: { 'content-type': type } };
  }

  async function answer(path: string, response: ServerResponse): Promise<void> {
    const resource = await find(path).catch(() => undefined);
    // An icon that is not there would be logged by every page.
    if (!resource) response.writeHead(path === '/favicon.ico' ? 204 : 404).end();
    else response.writeHead(200, { 'cache-control': 'no-store', ...resource.headers }).end(resource.body);
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
      const path = `/written/${written.size + 1}.html`;
      written.set(path, {
        body: `<!doctype html>${html}`,
        headers: { 'content-type': 'text/html; charset=utf-8', ...headers },
      });
      return path;
    },
    async close() {
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

/** Scripts of test/pages are TypeScript; a browser asks for them as `.js`. */
async function read(path: string): Promise<string> {
  if (path === '/peerjs.min.js') return readFile(PEERJS, 'utf8');
  if (extname(path) !== '.js') return readFile(join(PAGES, path), 'utf8');
  const source = await readFile(join(PAGES, path.replace(/\.js$/, '.ts')), 'utf8');
  return ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  }).outputText;
}
