// Attacks one entry point of the extension per step. Seed and step alone determine a step's choices. Call `closePages`
// to end everything hostile.
import type { JSHandle, Page } from '@playwright/test';
import type { PeerSettings } from '../pages/kit/kit';
import { ContentScriptWorld } from '../support/content-script';
import type { HostilePort } from './page/hostile-port';
import { Random } from './random';
import { SERIALIZATIONS } from './samples/frames';
import { backupText } from './samples/records';
import { serverFrame } from './samples/signals';
import { openSettings } from '../support/user-pages';
import { withinTime } from '../support/within-time';
import type { World } from './world';
import { mutatedBytes } from './mutate';

/** Time limit for one step, milliseconds. The slowest takes ten seconds on two slow cores. */
const STEP_MS = 90_000;

/** Hostile pages close after this many steps, to end everything that they made. */
const STEPS_PER_PAGE = 12;

type Attack = (random: Random, step: number) => Promise<string>;

export class Targets {
  readonly #world: World;
  readonly #seed: number;
  /** Steps per entry point. A run proves nothing about an entry point that it never attacked. */
  readonly reached = new Map<string, number>();
  #port: { page: Page; handle: JSHandle<HostilePort> } | undefined;
  #attacker: Page | undefined;
  #served: Page | undefined;
  #stepsOfPages = 0;

  constructor(world: World, seed: number) {
    this.#world = world;
    this.#seed = seed;
  }

  /** An attack that is listed more often is chosen more often. */
  readonly #attacks: readonly [name: string, attack: Attack][] = [
    ...Array.from({ length: 5 }, () => ['port', (_random, step) => this.#attackPort(step)] as [string, Attack]),
    ['attach', (_random, step) => this.#floodAttach(step)],
    ...Array.from({ length: 2 }, () => ['runtime messages', (_random, step) => this.#forge(step)] as [string, Attack]),
    ...Array.from(
      { length: 4 },
      () => ['signalling', (random, step) => this.#signal(random, step)] as [string, Attack],
    ),
    ...Array.from({ length: 4 }, () => ['frames', (_random, step) => this.#sendFrames(step)] as [string, Attack]),
    ['import', (random) => this.#chooseFile(random)],
    ...Array.from({ length: 2 }, () => ['server', (random, step) => this.#serve(random, step)] as [string, Attack]),
  ];

  /** Runs a step. Resolves with a description of it. */
  async step(step: number): Promise<string> {
    const random = new Random(this.#seed, step);
    const [name, attack] = random.pick(this.#attacks);
    if (++this.#stepsOfPages > STEPS_PER_PAGE) await this.closePages();
    const summary = await withinTime(`step ${step}, ${name}`, attack(random, step), STEP_MS);
    this.reached.set(name, (this.reached.get(name) ?? 0) + 1);
    return `${name}: ${summary}`;
  }

  /** Ends everything that is hostile. */
  async closePages(): Promise<void> {
    this.#stepsOfPages = 0;
    this.#world.hostileServer.hangUp();
    const pages = [this.#port?.page, this.#attacker, this.#served];
    this.#port = this.#attacker = this.#served = undefined;
    for (const page of pages) await page?.close();
  }

  async #attackPort(step: number): Promise<string> {
    if (!this.#port || (await this.#port.handle.evaluate((port) => port.isEnded))) {
      await this.#port?.page.close();
      const page = await this.#world.openHostilePage();
      this.#port = { page, handle: await page.evaluateHandle(() => new fuzz.HostilePort()) };
    }
    return this.#port.handle.evaluate((port, [seed, step, world]) => port.step(seed, step, world), [
      this.#seed,
      step,
      this.#world.pageWorld,
    ] as const);
  }

  async #floodAttach(step: number): Promise<string> {
    const page = await this.#world.openHostilePage();
    const summary = await page.evaluate(([seed, step, world]) => fuzz.floodWithAttachEvents(seed, step, world), [
      this.#seed,
      step,
      this.#world.pageWorld,
    ] as const);
    await page.close();
    return summary;
  }

  async #forge(step: number): Promise<string> {
    const page = await this.#world.openHostilePage();
    const world = await ContentScriptWorld.of(page, this.#world.extended.extensionId);
    const script = await page.evaluate(() => document.querySelector('script')!.textContent);
    await world.evaluate(`(() => {${script}})()`);
    const input = JSON.stringify([this.#seed, step, this.#world.pageWorld]);
    const answered = await world.evaluate<string[]>(`fuzz.forge(...${input})`);
    await page.close();
    if (answered.length > 0) throw new Error(`the extension did not refuse a content script: ${answered.join('; ')}`);
    return 'refused';
  }

  async #signal(random: Random, step: number): Promise<string> {
    const peer = await this.#hostilePeer(step);
    const id = await peer.evaluate(({ id }) => id);
    const signalling = peer.evaluate((peer, [seed, step]) => peer.signal(seed, step), [this.#seed, step] as const);
    for (let n = random.below(3); n > 0; n--) {
      await this.#world.dialFromVictim(id, random.pick(SERIALIZATIONS), random.chance(0.3));
    }
    const summary = await signalling;
    await peer.evaluate((peer) => peer.close());
    return summary;
  }

  async #sendFrames(step: number): Promise<string> {
    const peer = await this.#hostilePeer(step);
    const summary = await peer.evaluate((peer, [seed, step]) => peer.sendFrames(seed, step), [
      this.#seed,
      step,
    ] as const);
    await peer.evaluate((peer) => peer.close());
    return summary ?? 'not accepted';
  }

  async #hostilePeer(step: number) {
    this.#attacker ??= await this.#world.openAttacker();
    const { host, port } = this.#world.relay;
    return this.#attacker.evaluateHandle(([target, id]) => fuzz.HostilePeer.register(target, id), [
      { host, port, victim: this.#world.victimId },
      `hostile-${this.#seed}-${step}`,
    ] as const);
  }

  /**
   * Chooses a damaged backup in the settings, which must show a preview of the changes or a reason for refusal. The
   * step never confirms the import, which could rightly block the sites of the honest pages.
   */
  async #chooseFile(random: Random): Promise<string> {
    const page = await openSettings(this.#world.extended, 'data');
    const buffer = Buffer.from(backupText(random));
    await page.locator('input[type=file]').setInputFiles({ name: 'f.json', mimeType: 'application/json', buffer });
    const preview = page.getByRole('dialog');
    const refusal = page.getByRole('alert');
    await preview.or(refusal).waitFor();
    const isRefused = await refusal.isVisible();
    if (isRefused && (await refusal.innerText()).trim() === '')
      throw new Error('the settings refused a file without a reason');
    await page.close();
    return isRefused ? 'refused' : 'previewed';
  }

  /** Has a page use the hostile server. */
  async #serve(random: Random, step: number): Promise<string> {
    this.#served ??= await this.#world.openHostilePage();
    const server = this.#world.hostileServer;
    const { host, port } = server;
    const id = `served-${step}`;
    const options: PeerSettings = { host, port, path: '/', config: { iceServers: [] } };
    const peer = await this.#served.evaluateHandle(
      async ([id, options]) => {
        const peer = new Peer(id, options);
        peer.on('error', () => undefined);
        await new Promise<void>((resolve) => {
          peer.on('open', () => resolve());
          peer.on('close', () => resolve());
        });
        return peer;
      },
      [id, options] as const,
    );
    const count = random.between(10, 60);
    for (let n = 0; n < count; n++) server.send(serverFrame(random, random.chance(0.2) ? id : 'remote'));
    const isCut = random.chance(0.3);
    if (isCut) server.sendGarbage(mutatedBytes(random.bytes(30), random));
    // Gives the page a task before its Peer ends.
    await this.#served.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    await peer.evaluate((peer) => peer.destroy());
    return `${count} frames${isCut ? ', then garbage' : ''}`;
  }
}
