// Attacks the built extension in a real browser through every entry point, with choices that a seed determines. See
// scripts/fuzz.mjs.
import { writeFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import type { Census } from '../support/host-census';
import { MINUTES, ONLY_STEP, repetition, SEED } from './options';
import { Targets } from './targets';
import { World } from './world';

/** Interval between two searches for leftovers, milliseconds. */
const CHECKPOINT_MS = 120_000;
/**
 * Time for hostile connections to end, milliseconds. Unestablished ones end after 30 s; the browser needs time, too.
 */
const SETTLE_MS = 60_000;
const SETTLE_INTERVAL_MS = 500;
/** Allowed growth of the host's JavaScript heap since the start: code that ran for the first time, and its caches. */
const MAX_GROWTH_BYTES = 4 * 1024 * 1024;

const log = (line: string): void => void process.stdout.write(`${line}\n`);

test('hostile pages, peers and servers cost no honest page a message and leave nothing behind', async () => {
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
  log(`before: ${formatCensus(before)}`);
  const endsAt = performance.now() + MINUTES * 60_000;
  let checkedAt = performance.now();
  let step = ONLY_STEP ?? 0;
  let checkedStep = step;
  for (; ONLY_STEP === undefined ? performance.now() < endsAt : step === ONLY_STEP; step++) {
    const done = await namingStep(step, () => targets.step(step));
    log(`step ${step}, ${done.slice(0, 150)}`);
    await namingStep(step, () => expectNoFaults(world));
    await namingStep(step, () => world.proveNewConnection());
    if (performance.now() - checkedAt < CHECKPOINT_MS) continue;
    await namingStep(step, () => expectNoLeftovers(world, targets, before));
    log(`steps ${checkedStep} to ${step} left nothing behind; ${await world.honestFigures()}`);
    checkedStep = step + 1;
    checkedAt = performance.now();
  }
  await namingStep(step - 1, () => expectNoLeftovers(world, targets, before));
  log(
    `${[...targets.reached].map(([name, count]) => `${count} × ${name}`).join(', ')}; ${await world.honestFigures()}`,
  );
}

/** Adds seed and step to the error of a failed check. */
async function namingStep<Value>(step: number, check: () => Promise<Value>): Promise<Value> {
  try {
    return await check();
  } catch (cause) {
    throw new Error(`${String(cause)}\n${repetition(step)}`, { cause });
  }
}

async function expectNoFaults(world: World): Promise<void> {
  const faults = world.faults.flatMap((faults) => faults.take());
  expect([...faults, ...(await world.honestFaults())], 'faults').toEqual([]);
}

/** Ends everything hostile, and waits until the host holds no more than before. */
async function expectNoLeftovers(world: World, targets: Targets, before: Census): Promise<void> {
  await targets.closePages();
  await world.hangUpRinging();
  const polling = { message: 'leftovers', timeout: SETTLE_MS, intervals: [SETTLE_INTERVAL_MS] };
  await expect
    .poll(() => leftovers(world, before), polling)
    .toBe('')
    .catch(async (cause: unknown) => {
      const path = test.info().outputPath('host.heapsnapshot');
      await writeFile(path, await world.census.heapSnapshot());
      throw new Error(`${String(cause)}\nHeap snapshot, which shows what keeps the leftovers: ${path}`, { cause });
    });
  await world.proveVictim();
  await expectNoFaults(world);
}

async function leftovers(world: World, before: Census): Promise<string> {
  const now = await world.census.take();
  const counts = Object.entries(now) as [keyof Census, number][];
  const more = counts.filter(([name, count]) => count > before[name] + (name === 'heapBytes' ? MAX_GROWTH_BYTES : 0));
  const otherConnections = await world.otherConnections();
  if (otherConnections.length > 0) {
    const kept = await world.census.describePeerConnections();
    return [`in the victim’s page: ${otherConnections.join(', ')}; ${formatCensus(now)}`, ...kept].join('\n');
  }
  const sockets = world.hostileServer.socketCount;
  if (sockets > 0) return `${sockets} sockets at the hostile server`;
  if (more.length === 0) return '';
  const connections = await world.census.describePeerConnections();
  return [`${formatCensus(now)}, before ${formatCensus(before)}`, ...connections].join('\n');
}

function formatCensus({ heapBytes, ...counts }: Census): string {
  return `${JSON.stringify(counts)}, heap ${(heapBytes / 2 ** 20).toFixed(1)} MiB`;
}
