// Firefox's garbage collection during a call: a data channel that is collected is closed, even if it is in use.
import { hangUp, perceive, talk } from '../../support/calls';
import { expect, test } from '../../support/fixtures';

declare global {
  /** How many rounds of garbage collection the page has seen. */
  var roundsSeen: number;
  /** Counts the rounds. Global, so that it is not collected itself. */
  var roundsRegistry: FinalizationRegistry<undefined>;
}

test('a hosted call goes on after the page’s garbage is collected', async ({ openPage, browsers }) => {
  const pair = {
    dialler: await openPage('peerport', 'hosted', 'firefox'),
    answerer: await openPage('peerjs', undefined, 'chromium'),
  };
  const firefox = await browsers.extendedFirefox();
  const { dialled, accepted } = await talk(pair, { sends: { tone: 500 }, replies: { tone: 900 } });
  await pair.dialler.page.evaluate(() => {
    globalThis.roundsSeen = 0;
    globalThis.roundsRegistry = new FinalizationRegistry(() => {
      globalThis.roundsSeen++;
      markRound();
    });
    const markRound = (): void => {
      globalThis.roundsRegistry.register(new EventTarget(), undefined);
    };
    markRound();
  });
  // Objects that other garbage refers to may be collected one round later.
  await expect
    .poll(async () => {
      await firefox.collectGarbage();
      return pair.dialler.page.evaluate(() => globalThis.roundsSeen);
    })
    .toBeGreaterThanOrEqual(3);
  expect(await dialled.evaluate((call) => call.open)).toBe(true);
  const heard = await Promise.all([
    perceive(accepted, { audio: 'tone 500' }),
    perceive(dialled, { audio: 'tone 900' }),
  ]);
  expect(heard).toEqual([{ audio: 'tone 500' }, { audio: 'tone 900' }]);
  await hangUp(accepted, dialled);
});
