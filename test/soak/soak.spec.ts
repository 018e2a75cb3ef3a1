// Runs many Peers in many tabs of real browsers for a long time, and checks that every message arrives and that ended
// pages leave nothing behind. See scripts/soak.mjs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test, expect, type BrowserContext } from '@playwright/test';
import { launchExtendedBrowser, launchPlainBrowser, type ExtendedBrowser } from '../support/browser';
import { HostCensus, type Census } from '../support/host-census';
import { bundlePageScript } from '../support/kit-script';
import { startLastingPeerServer, type LoopbackServer } from '../support/loopback-server';
import { canMeasureMemory } from '../../scripts/process-memory.mjs';
import type { ProcessKind } from '../support/process-kind';
import { freshOrigin } from '../support/prompt-page';
import { startSiteServer, type SiteServer } from '../support/site-server';
import { Random } from '../fuzz/random';
import { Fleet, type Totals } from './fleet';
import * as options from './options';
import { MeasuredProfile, SoakTab, type ProfileMemory } from './profile';
import { Table } from './table';

const PAGE_SCRIPT = fileURLToPath(new URL('page/index.ts', import.meta.url));
const ARTIFACTS = fileURLToPath(new URL('../../artifacts/soak', import.meta.url));

const SWITCHES = [
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  // Chromium's spare renderer process would disturb the measurement. All tests disable the mDNS feature.
  '--disable-features=WebRtcHideLocalIpsWithMdns,SpareRendererForSitePerProcess',
];

/** Time limit for the last messages to arrive after all pages have stopped sending, milliseconds. */
const DRAIN_MS = 120_000;
/** Time limit for the server and the browser to release ended connections, milliseconds. */
const SETTLE_MS = 60_000;
/** Duration of a first run with the full load, milliseconds: processes keep the memory that they take for it. */
const WARM_UP_MS = 120_000;

const log = (line: string): void => void process.stdout.write(`${line}\n`);

interface Side {
  name: string;
  browser: ExtendedBrowser;
  profile: MeasuredProfile;
  census: HostCensus;
  tabs: SoakTab[];
}

interface World {
  server: LoopbackServer;
  site: SiteServer;
  /** One for each of PROFILES. */
  sides: Side[];
  plain: BrowserContext;
  peerjs: SoakTab[];
  path: { blank: string; peerjs: string };
}

interface Reading {
  census: Census[];
  memory: ProfileMemory[];
  sockets: number;
}

test('many Peers under load for a long time lose no message and leave nothing behind', async () => {
  test.setTimeout(0);
  const world = await openWorld();
  try {
    log('warming up');
    await load(world, WARM_UP_MS);
    const before = await settledReading(world);
    log(`before: ${JSON.stringify(before)}`);
    const { totals, replacements, calls } = await load(world, options.MINUTES * 60_000);
    const after = await settledReading(world, before);
    const table = tableOf({ before, after, totals, replacements, calls });
    publish(table);
    expect(totals.faults.slice(0, 20)).toEqual([]);
    expect(table.missed).toEqual([]);
  } finally {
    await Promise.all([...world.sides.map(({ browser }) => browser.context.close()), world.plain.close()]);
    await Promise.all([world.server.close(), world.site.close()]);
  }
});

async function openWorld(): Promise<World> {
  const [server, site, script] = await Promise.all([
    startLastingPeerServer(),
    startSiteServer(),
    bundlePageScript(PAGE_SCRIPT),
  ]);
  const inline = `<script type="module">${script.replaceAll('</script', '<\\/script')}</script>`;
  const path = { blank: site.page(inline), peerjs: site.page(`<script src="/peerjs.min.js"></script>${inline}`) };
  const plain = await launchPlainBrowser(SWITCHES);
  const world = { server, site, plain, path };
  const sides: Side[] = [];
  for (const name of options.PROFILES) sides.push(await openSide(name, world));
  const peerjs = Array.from({ length: options.PEERJS_TABS }, (_, n) => {
    const url = freshOrigin(site) + path.peerjs;
    return new SoakTab(plain, `peerjs-${n}`, url, options.PEERS_PER_TAB, peerOptions(server));
  });
  return { ...world, sides, peerjs };
}

/** Opens a profile with the extension, and a page with one Peer that stays open during the whole run. */
async function openSide(name: string, { server, site, path }: Pick<World, 'server' | 'site' | 'path'>): Promise<Side> {
  const browser = await launchExtendedBrowser(undefined, { switches: SWITCHES });
  const origins = Array.from({ length: options.SITES + 1 }, () => freshOrigin(site));
  for (const origin of origins) await browser.allow(origin);
  const tab = (tabName: string, origin: string, peers: number): SoakTab =>
    new SoakTab(browser.context, `${name}-${tabName}`, origin + path.blank, peers, peerOptions(server));
  await tab('keeper', origins.pop()!, 1).open();
  const tabs = Array.from({ length: options.TABS_PER_PROFILE }, (_, n) =>
    tab(String(n), origins[n % origins.length]!, options.PEERS_PER_TAB),
  );
  return { name, browser, profile: await MeasuredProfile.of(browser), census: await HostCensus.of(browser), tabs };
}

function peerOptions({ host, port }: LoopbackServer) {
  return { host, port, path: '/', config: { iceServers: [] } };
}

/** Keeps all tabs and connections under load for `forMs`. Then closes them and resolves with the totals. */
async function load(world: World, forMs: number): Promise<{ totals: Totals; replacements: number; calls: number }> {
  const { sides, peerjs } = world;
  const random = new Random(1);
  const fleet = new Fleet([...sides.flatMap(({ tabs }) => tabs), ...peerjs], random);
  const neighborOf = (index: number): Side => sides[(index + 1) % sides.length]!;
  for (const [index, { tabs }] of sides.entries()) {
    fleet.plan(options.CONNECTIONS.perPairOfHosts, tabs, neighborOf(index).tabs);
    fleet.plan(options.CONNECTIONS.perHostToPeerJS, tabs, peerjs);
  }
  await fleet.open();
  log('all connections are open');
  let replacements = 0;
  let calls = 0;
  const endsAt = performance.now() + forMs;
  const isOver = (): boolean => performance.now() > endsAt;
  await fleet.each((tab) => tab.soak.evaluate((page, everyMs) => page.send(everyMs), options.MESSAGE_EVERY_MS));
  while (!isOver()) {
    const startedAt = performance.now();
    await fleet.replacePage(random.pick(['reload', 'close', 'back']));
    await fleet.each((tab) => tab.soak.evaluate((page, everyMs) => page.send(everyMs), options.MESSAGE_EVERY_MS));
    replacements += 1;
    await fleet.closeOne();
    for (let n = 0; n < options.CALLS; n++, calls++) {
      const caller = random.below(sides.length);
      await fleet.call(sides[caller]!.tabs, random.pick([neighborOf(caller).tabs, peerjs]));
    }
    const left = options.REPLACEMENT_EVERY_MS - (performance.now() - startedAt);
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
    if (replacements % 10 === 0) log(`${replacements} pages came and went, ${calls} calls`);
  }
  await fleet.each((tab) => tab.soak.evaluate((page) => page.stop()));
  const totals = await drained(fleet);
  await fleet.close();
  return { totals, replacements, calls };
}

async function drained(fleet: Fleet): Promise<Totals> {
  const endsAt = performance.now() + DRAIN_MS;
  for (;;) {
    const totals = await fleet.totals();
    if (totals.faults.length === 0 || performance.now() > endsAt) return totals;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** Waits at most SETTLE_MS for the counts of `wanted`. Resolves with the final counts and the memory. */
async function settledReading(world: World, wanted?: Reading): Promise<Reading> {
  const endsAt = performance.now() + SETTLE_MS;
  let counts = await countsOf(world);
  const hasLeftovers = (): boolean =>
    counts.sockets > (wanted?.sockets ?? world.sides.length) ||
    counts.census.some(({ peerConnections }) => peerConnections > 0);
  while (hasLeftovers() && performance.now() < endsAt) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    counts = await countsOf(world);
  }
  const memory: ProfileMemory[] = [];
  for (const { profile } of world.sides) memory.push(await profile.memory());
  return { ...(await countsOf(world)), memory };
}

async function countsOf({ sides, server }: World): Promise<Omit<Reading, 'memory'>> {
  return { census: await Promise.all(sides.map(({ census }) => census.take())), sockets: server.socketCount };
}

interface Figures {
  before: Reading;
  after: Reading;
  totals: Totals;
  replacements: number;
  calls: number;
}

function tableOf({ before, after, totals, replacements, calls }: Figures): Table {
  const { PROFILES, TABS_PER_PROFILE, PEERS_PER_TAB, CONNECTIONS } = options;
  const tabs = PROFILES.length * TABS_PER_PROFILE;
  const betweenHosts = PROFILES.length * CONNECTIONS.perPairOfHosts;
  const toPeerJS = PROFILES.length * CONNECTIONS.perHostToPeerJS;
  const table = new Table();
  table.record('Peers of Peerport in tabs, three profiles', `${tabs * PEERS_PER_TAB} in ${tabs}`);
  table.record(
    'Peers of stock PeerJS in tabs, fourth profile',
    `${options.PEERJS_TABS * PEERS_PER_TAB} in ${options.PEERJS_TABS}`,
  );
  table.record('connections by their ends: Peerport ⇄ Peerport, Peerport ⇄ PeerJS', `${betweenHosts}, ${toPeerJS}`);
  table.exact('connections open at the end', totals.open, betweenHosts + toPeerJS);
  table.record('pages that came and went, calls', `${replacements}, ${calls}`);
  table.record(
    'messages sent, received (the rest was in transit to pages that ended)',
    `${totals.sent}, ${totals.received}`,
  );
  table.exact('lost messages, unexpected closings, errors', totals.faults.length, 0);
  for (const [index, name] of PROFILES.entries()) {
    const { heapBytes, ...counts } = after.census[index]!;
    for (const [what, count] of Object.entries(counts)) {
      table.exact(`${name} host, ${what}`, count, before.census[index]![what as keyof Census]);
    }
    table.memory(`${name} host, JavaScript`, before.census[index]!.heapBytes, heapBytes);
  }
  table.exact('sockets at the PeerServer', after.sockets, before.sockets);
  if (!canMeasureMemory) table.record('memory of processes', 'not measured: requires Linux');
  else {
    for (const [index, name] of PROFILES.entries()) {
      for (const [kind, bytes] of Object.entries(before.memory[index]!)) {
        table.memory(`${name} profile, ${kind} process`, bytes, after.memory[index]![kind as ProcessKind] ?? 0);
      }
    }
  }
  return table;
}

function publish(table: Table): void {
  const text = `${table.markdown}\n`;
  log(`\n${text}`);
  mkdirSync(ARTIFACTS, { recursive: true });
  writeFileSync(`${ARTIFACTS}/soak.md`, text);
}
