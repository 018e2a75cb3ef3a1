import { test } from '../support/fixtures';
import { openLine, pickUp, ring } from '../support/calls';
test('explore', async ({ openPage, browsers }) => {
  const PLAN = { sends: { video: 1, tone: 400 }, replies: { video: 2, tone: 700 } };
  const [dialler, answerer] = await Promise.all([openPage('peerport', 'hosted'), openPage('peerjs')]);
  const call = await ring(await openLine({ dialler, answerer }), PLAN);
  const limits = await call.dialled.evaluateHandle(async ({ peerConnection }) => {
    const sender = peerConnection.getSenders().find(({ track }) => track?.kind === 'video')!;
    const native = sender.setParameters.bind(sender);
    const limits: unknown[] = [];
    sender.setParameters = (parameters, ...rest) => {
      const r = [Math.round(performance.now()), parameters.encodings[0]!.maxBitrate, JSON.stringify(rest), ''];
      limits.push(r);
      const p = native(parameters, ...rest);
      p.then(() => (r[3] = 'ok ' + Math.round(performance.now())), (e) => (r[3] = String(e)));
      return p;
    };
    return limits;
  });
  await pickUp(call, PLAN);
  for (let i = 0; i < 8; i++) {
    await new Promise((r) => setTimeout(r, 500));
    console.log(await call.dialled.evaluate(async ({ peerConnection }) => {
      const report = (await peerConnection.getStats()) as any;
      const o = [...report.values()].filter((s: any) => s.type === 'outbound-rtp').map((s: any) => [s.kind, s.timestamp, s.packetsSent, s.totalPacketSendDelay, s.retransmittedBytesSent]);
      return [performance.now(), Math.max(...[...report.values()].map((s: any) => s.availableOutgoingBitrate ?? 0)), JSON.stringify(o)];
    }));
  }
  console.log(await limits.jsonValue());
});
