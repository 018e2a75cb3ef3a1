// Calls in a browser without `createEncodedStreams`: a hosted call relays whole tracks, and calls are direct by default.
import { hangUp, openLine, perceive, pickUp, ring, type CallPlan } from '../support/calls';
import { expect, test as base } from '../support/fixtures';

interface Frameless {
  /** Removes `createEncodedStreams` from the host until the test ends. The host has to be running. */
  withholdFrames: () => Promise<void>;
}

const test = base.extend<Frameless>({
  withholdFrames: async ({ browsers }, use) => {
    const browser = await browsers.extended();
    const ends = '[RTCRtpSender.prototype, RTCRtpReceiver.prototype]';
    await use(() =>
      browser.evaluateInHost(`void (globalThis.withheld = ${ends}.map((end) => {
        const given = end.createEncodedStreams;
        delete end.createEncodedStreams;
        return [end, given];
      }))`),
    );
    await browser.evaluateInHost(
      'void (globalThis.withheld ?? []).forEach(([end, given]) => (end.createEncodedStreams = given))',
    );
  },
});

const PLAN: CallPlan = { sends: { video: 1, tone: 400 }, replies: { video: 2, tone: 700 } };

for (const route of ['hosted', undefined] as const) {
  const name = route
    ? 'without encoded frames a hosted call relays its tracks'
    : 'without encoded frames a call is direct by default';
  test(`${name}, with picture and sound both ways`, async ({ openPage, withholdFrames }) => {
    const pair = { dialler: await openPage('peerport', route), answerer: await openPage('peerjs') };
    const line = await openLine(pair);
    await withholdFrames();
    const call = await ring(line, PLAN);
    await pickUp(call, PLAN);
    const seen = await Promise.all([
      perceive(call.accepted, { video: 'source 1', audio: 'tone 400' }),
      perceive(call.dialled, { video: 'source 2', audio: 'tone 700' }),
    ]);
    expect(seen).toEqual([
      { video: 'source 1', audio: 'tone 400' },
      { video: 'source 2', audio: 'tone 700' },
    ]);
    expect(await call.dialled.evaluate((call) => (call as { route?: string }).route)).toBe(route ?? 'direct');
    await hangUp(call.dialled, call.accepted);
  });
}
