// The browsers, servers and honest pages of a run: one profile with the extension, one without, an honest server and a
// hostile one. Two honest connections must survive the whole run: the witness's, on an origin without attackers, and
// the neighbor's, in the page that hostile peers attack. Call `close` in the end.
import type { BrowserContext, JSHandle, Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { launchExtendedBrowser, launchPlainBrowser, type ExtendedBrowser } from '../support/browser';
import { bundlePageScript } from '../support/kit-script';
import { startLastingPeerServer, type LoopbackServer } from '../support/loopback-server';
import { freshOrigin } from '../support/prompt-page';
import { withinTime } from '../support/within-time';
import { startSiteServer, type SiteServer } from '../support/site-server';
import { Faults } from '../support/faults';
import { HostCensus } from '../support/host-census';
import type { StreamState } from './page/numbered';
import type { HonestPage } from './page/peers';
import type { PageWorld } from './samples/page-messages';
import { startHostileServer, type HostileServer } from './hostile-server';

const PAGE_SCRIPT = fileURLToPath(new URL('page/index.ts', import.meta.url));

const SWITCHES = [
  // Mutated host names and addresses must not resolve.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE *.localhost',
  // All pages must run at full speed, although most are in the background.
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
];

/** Honest traffic: a few messages at a time, so that they share batches with hostile messages. */
const INTERVAL_MS = 100;
const BURST = 3;

/** Time limit for honest messages that queue behind hostile ones, milliseconds. */
const CATCH_UP_MS = 30_000;

/** An honest connection between two pages, which sends from both ends. */
interface HonestConnection {
  name: string;
  ends: { page: JSHandle<HonestPage>; index: number }[];
}

export class World {
  readonly relay: LoopbackServer;
  readonly hostileServer: HostileServer;
  readonly extended: ExtendedBrowser;
  readonly plain: BrowserContext;
  readonly faults: Faults[];
  readonly #site: SiteServer;
  readonly #path: { blank: string; peerjs: string };
  readonly #origins = { witness: '', victim: '', hostile: '' };
  #honest: HonestConnection[] = [];
  #witness!: JSHandle<HonestPage>;
  #partner!: JSHandle<HonestPage>;
  #victim!: JSHandle<HonestPage>;
  #census: HostCensus | undefined;
  readonly victimId = `victim-${randomUUID()}`;
  readonly #partnerId = `partner-${randomUUID()}`;
  readonly #neighborId = `neighbor-${randomUUID()}`;

  private constructor(
    parts: Pick<World, 'relay' | 'hostileServer' | 'extended' | 'plain' | 'faults'>,
    site: SiteServer,
    script: string,
  ) {
    ({ relay: this.relay, hostileServer: this.hostileServer, extended: this.extended } = parts);
    ({ plain: this.plain, faults: this.faults } = parts);
    this.#site = site;
    const inline = `<script type="module">${script.replaceAll('</script', '<\\/script')}</script>`;
    this.#path = { blank: site.page(inline), peerjs: site.page(`<script src="/peerjs.min.js"></script>${inline}`) };
    for (const name of ['witness', 'victim', 'hostile'] as const) this.#origins[name] = freshOrigin(site);
  }

  static async open(): Promise<World> {
    const [relay, hostileServer, site, script, extended, plain] = await Promise.all([
      startLastingPeerServer(),
      startHostileServer(),
      startSiteServer(),
      bundlePageScript(PAGE_SCRIPT),
      launchExtendedBrowser(undefined, { switches: SWITCHES }),
      launchPlainBrowser(SWITCHES),
    ]);
    const faults = await Promise.all([Faults.watch(extended.context, extended.extensionId), Faults.watch(plain)]);
    const world = new World({ relay, hostileServer, extended, plain, faults }, site, script);
    closePrompts(extended.context);
    for (const origin of Object.values(world.#origins)) await extended.allow(origin);
    await world.#openHonestPages();
    return world;
  }

  /** The server and the IDs that hostile pages name in their messages. */
  get pageWorld(): PageWorld {
    const { host, port } = this.relay;
    const server = { host, port, path: '/', key: 'peerjs', secure: false };
    return { server, remoteIds: [this.victimId, this.#neighborId, 'nobody', ''] };
  }

  get census(): HostCensus {
    if (!this.#census) throw new Error('no host exists yet');
    return this.#census;
  }

  /** Opens a page of the hostile origin, with the extension. */
  async openHostilePage(): Promise<Page> {
    const page = await this.extended.context.newPage();
    await page.goto(this.#origins.hostile + this.#path.blank);
    return page;
  }

  /** Opens a page without the extension, for hostile remote peers. */
  async openAttacker(): Promise<Page> {
    const page = await this.plain.newPage();
    await page.goto(this.#site.origin + this.#path.blank);
    return page;
  }

  /** Has the victim connect to or call this peer. */
  async dialFromVictim(to: string, serialization: string, asCall: boolean): Promise<void> {
    await this.#victim.evaluate((page, [to, ...how]) => page.dial(to, ...how), [to, serialization, asCall] as const);
  }

  /** Rejects if the witness cannot open and use a new connection. */
  async proveNewConnection(): Promise<void> {
    await withinTime(
      'a new connection of the witness',
      this.#witness.evaluate((page, to) => page.roundTrip(to), this.#partnerId),
      CATCH_UP_MS,
    );
  }

  /** Rejects if an honest peer cannot connect to the victim. */
  async proveVictim(): Promise<void> {
    await withinTime(
      'a new connection to the victim',
      this.#partner.evaluate((page, to) => page.roundTrip(to), this.victimId),
      CATCH_UP_MS,
    );
  }

  /** Ends the victim's ringing calls, as its user would. */
  async hangUpRinging(): Promise<void> {
    await this.#victim.evaluate((page) => page.hangUpRinging());
  }

  /** Describes the connections with other peers that the victim still has. */
  otherConnections(): Promise<string[]> {
    return this.#victim.evaluate((page) => page.otherConnections);
  }

  /** Waits for messages in transit. Resolves with the faults of the honest connections and Peers. */
  async honestFaults(): Promise<string[]> {
    const faults: string[] = [];
    for (const { name, ends } of this.#honest) {
      for (const [from, to] of [
        [0, 1],
        [1, 0],
      ] as const) {
        const { sent } = await this.#state(ends[from]!);
        const arrived = ends[to]!.page.evaluate((page, [index, sent]) => page.until(index, sent), [
          ends[to]!.index,
          sent,
        ] as const);
        const state = await withinTime(`${sent} messages of the ${name}`, arrived, CATCH_UP_MS).catch(
          (error: unknown) => ({
            fault: String(error),
          }),
        );
        if (state.fault !== undefined) faults.push(`${name}: ${state.fault}`);
      }
    }
    const pages = { witness: this.#witness, partner: this.#partner, victim: this.#victim };
    for (const [name, page] of Object.entries(pages)) {
      const loss = await page.evaluate((page) => page.loss);
      if (loss !== undefined) faults.push(`the Peer of the ${name} was ${loss}`);
    }
    return faults;
  }

  /** The received messages of each honest connection, as text for the log. */
  async honestFigures(): Promise<string> {
    const texts: string[] = [];
    for (const { name, ends } of this.#honest) {
      const states = await Promise.all(ends.map((end) => this.#state(end)));
      texts.push(`${name} ${states.map(({ received }) => received).join(' + ')}`);
    }
    return texts.join(', ');
  }

  async close(): Promise<void> {
    await this.#census?.close();
    await Promise.all([this.extended.context.close(), this.plain.close()]);
    await Promise.all([this.relay.close(), this.hostileServer.close(), this.#site.close()]);
  }

  #state(end: HonestConnection['ends'][number]): Promise<StreamState> {
    return end.page.evaluate((page, index) => page.state(index), end.index);
  }

  async #openHonestPages(): Promise<void> {
    const witnessId = `witness-${randomUUID()}`;
    const { context } = this.extended;
    this.#witness = await this.#openHonest(context, this.#origins.witness + this.#path.blank, witnessId);
    this.#victim = await this.#openHonest(context, this.#origins.victim + this.#path.blank, this.victimId);
    this.#partner = await this.#openHonest(this.plain, this.#site.origin + this.#path.peerjs, this.#partnerId);
    const neighbor = await this.#openHonest(this.plain, this.#site.origin + this.#path.peerjs, this.#neighborId);
    this.#honest = [
      await connect('witness', this.#witness, this.#partner, this.#partnerId),
      await connect('neighbor', neighbor, this.#victim, this.victimId),
    ];
    this.#census = await HostCensus.of(this.extended);
  }

  async #openHonest(context: BrowserContext, url: string, id: string): Promise<JSHandle<HonestPage>> {
    const page = await context.newPage();
    await page.goto(url);
    const { host, port } = this.relay;
    return page.evaluateHandle(([id, options]) => fuzz.HonestPage.open(id, options), [
      id,
      { host, port, path: '/', config: { iceServers: [] } },
    ] as const);
  }
}

async function connect(
  name: string,
  from: JSHandle<HonestPage>,
  to: JSHandle<HonestPage>,
  id: string,
): Promise<HonestConnection> {
  const pace = [INTERVAL_MS, BURST] as const;
  const index = await from.evaluate((page, [id, ...pace]) => page.connect(id, ...pace), [id, ...pace] as const);
  await to.evaluate((page, pace) => page.answer(0, ...pace), pace);
  return {
    name,
    ends: [
      { page: from, index },
      { page: to, index: 0 },
    ],
  };
}

/** Closes each prompt, which counts as an answer: no user is there to answer it. */
function closePrompts(context: BrowserContext): void {
  context.on('page', (page) => {
    if (page.url().includes('/extension/prompt/')) void page.close();
  });
}
