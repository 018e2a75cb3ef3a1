import { describe, expect, it } from 'vitest';
import { promptRequests } from '../../../extension/background/prompt-requests';
import type { ConsentAnswer } from '../../../src/protocol/control-messages';
import { FakeBackground } from '../../support/fakes/background';
import { ORIGIN, siteDocument } from '../../support/fakes/site-documents';

const to = 'background';

/** A prompt about `ORIGIN` that is open in window 7. */
async function makePrompt() {
  const background = new FakeBackground();
  const { reply } = await background.ask(siteDocument());
  const promptId = background.open[0]!;
  const requests = promptRequests(background);
  const describe = () => requests['prompt.describe']({ to, type: 'prompt.describe', promptId }, { windowId: 7 });
  const answer = (given: ConsentAnswer, keepId?: boolean) =>
    requests['prompt.answer'](
      { to, type: 'prompt.answer', promptId, answer: given, ...(keepId !== undefined && { keepId }) },
      { windowId: 7 },
    );
  /** An attached document of the site, which a review of the permissions concerns. */
  const attach = () => background.attached.push({ document: siteDocument(), servers: [], peerIds: ['a'] });
  return { background, reply, describe, answer, attach };
}

describe('requests of a prompt', () => {
  it('describe the site, the server and the choice about IDs', async () => {
    const { describe } = await makePrompt();
    expect(await describe()).toMatchObject({
      content: { site: { origin: ORIGIN }, server: { isPrivate: false }, keepId: { isManaged: false } },
    });
  });

  it('get no content once the prompt is answered', async () => {
    const { answer, describe } = await makePrompt();
    expect(await answer('once')).toBe(true);
    expect(await describe()).toEqual({});
    expect(await answer('once')).toBe(false);
  });

  it('end live connections if the answer blocks the site', async () => {
    const { answer, attach, background } = await makePrompt();
    attach();
    await answer('block');
    expect(background.verdicts.flat()).toMatchObject([{ revoked: expect.any(String) as string }]);
  });

  it('review live connections if the answer changes whether IDs are saved, else not', async () => {
    const unchanged = await makePrompt();
    unchanged.attach();
    await unchanged.answer('always');
    expect(unchanged.background.verdicts).toEqual([]);
    const { answer, attach, background } = await makePrompt();
    attach();
    await answer('always', false);
    expect(background.verdicts.flat()).toMatchObject([{ conditions: {} }]);
  });
});
