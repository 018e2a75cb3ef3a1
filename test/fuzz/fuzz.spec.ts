// The built extension in a real browser under attack at all its doors at once, by seed. See scripts/fuzz.mjs.
import { expect, test } from '@playwright/test';
import type { Census } from '../support/host-census';
import { MINUTES, ONLY_STEP, repetition, SEED } from './options';
import { Targets } from './targets';
import { World } from './world';

/** Between two looks at what is left, milliseconds. */
const CHECKPOINT_MS = 120_000;
/** What is not established ends after 30 s; the browser takes its time for the rest. */
const SETTLE_MS = 60_000;
const SETTLE_INTERVAL_MS = 500;
/** What the host's JavaScript may hold more than at the start: code that has run meanwhile, and what is cached of it. */
const MAX_GROWTH_BYTES = 4 * 1024 * 1024;

const log = (line: string): void => void process.stdout.write(`${line}\n`);

test('whatever hostile pages, peers and servers send, nobody else loses a message and nothing of it stays', async () => {
  test.setTimeout(0);
  log(`seed ${SEED}, ${ONLY_STEP === undefined ? `${MINUTES} minutes` : `step ${ONLY_STEP}`}`);
  const world = await World.open();
  try {
    await attack(world);
  } finally {
    await world.close();
  }
});

async function attack(world: World): Promise<void> {
  const targets = new Targets(world, SEED);
  const before = await world.census.take();
  log(`before: ${words(before)}`);
  const endsAt = performance.now() + MINUTES * 60_000;
  let checkedAt = performance.now();
  let step = ONLY_STEP ?? 0;
  let checkedStep = step;
  for (; ONLY_STEP === undefined ? performance.now() < endsAt : step === ONLY_STEP; step++) {
    const done = await failingWith(step, () => targets.step(step));
    log(`step ${step}, ${done.slice(0, 150)}`);
    await failingWith(step, () => noFaults(world));
    await failingWith(step, () => world.proveNewConnection());
    if (performance.now() - checkedAt < CHECKPOINT_MS) continue;
    await failingWith(step, () => settled(world, targets, before));
    log(`steps ${checkedStep} to ${step} left nothing; ${await world.honestFigures()}`);
    checkedStep = step + 1;
    checkedAt = performance.now();
  }
  await failingWith(step - 1, () => settled(world, targets, before));
  log(
    `${[...targets.reached].map(([name, count]) => `${count} × ${name}`).join(', ')}; ${await world.honestFigures()}`,
  );
}

async function failingWith<Value>(step: number, check: () => Promise<Value>): Promise<Value> {
  try {
    return await check();
  } catch (cause) {
    throw new Error(`${String(cause)}\n${repetition(step)}`, { cause });
  }
}

async function noFaults(world: World): Promise<void> {
  const faults = world.faults.flatMap((faults) => faults.take());
  expect([...faults, ...(await world.honestFaults())], 'what went wrong').toEqual([]);
}

/** Once all that is hostile has ended, everything is as it was. */
async function settled(world: World, targets: Targets, before: Census): Promise<void> {
  await targets.closePages();
  await world.hangUpRinging();
  const polling = { message: 'what is left', timeout: SETTLE_MS, intervals: [SETTLE_INTERVAL_MS] };
  await expect.poll(() => whatIsLeft(world, before), polling).toBe('');
  await world.proveVictim();
  await noFaults(world);
}

async function whatIsLeft(world: World, before: Census): Promise<string> {
  const now = await world.census.take();
  const counts = Object.entries(now) as [keyof Census, number][];
  const more = counts.filter(([name, count]) => count > before[name] + (name === 'heapBytes' ? MAX_GROWTH_BYTES : 0));
  const others = await world.others();
  if (others.length > 0) {
    const kept = await world.census.describePeerConnections();
    return [`in the victim’s page: ${others.join(', ')}; ${words(now)}`, ...kept].join('\n');
  }
  const sockets = world.hostileServer.socketCount;
  if (sockets > 0) return `${sockets} sockets at the hostile server`;
  if (more.length === 0) return '';
  const connections = await world.census.describePeerConnections();
  return [`${words(now)}, before ${words(before)}`, ...connections].join('\n');
}

function words({ heapBytes, ...counts }: Census): string {
  return `${JSON.stringify(counts)}, heap ${(heapBytes / 2 ** 20).toFixed(1)} MiB`;
}
