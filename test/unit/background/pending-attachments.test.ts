import { describe, expect, it, vi } from 'vitest';
import { PendingAttachments } from '../../../extension/background/pending-attachments';
import type { AttachReply } from '../../../src/protocol/control-messages';

const ADMITTED: AttachReply = { status: 'admitted', ticket: 'ticket' };

function makePending() {
  const attachments = new PendingAttachments();
  const settle: { resolve: (reply: AttachReply) => void; reject: (error: Error) => void }[] = [];
  const attach = vi.fn(() => new Promise<AttachReply>((resolve, reject) => settle.push({ resolve, reject })));
  return { attachments, attach, settle, ask: (documentId = 'one') => attachments.run(documentId, attach) };
}

describe('PendingAttachments', () => {
  it('attaches a document once, however often it asks, and answers the last request', async () => {
    const { ask, attach, settle } = makePending();
    const [first, second, third] = [ask(), ask(), ask()];
    expect(attach).toHaveBeenCalledOnce();
    const refused = { status: 'denied', message: expect.stringContaining('newer request') as string };
    expect([await first, await second]).toEqual([refused, refused]);
    settle[0]!.resolve(ADMITTED);
    expect(await third).toEqual(ADMITTED);
  });

  it('attaches each document separately', () => {
    const { ask, attach } = makePending();
    void ask('one');
    void ask('two');
    expect(attach).toHaveBeenCalledTimes(2);
  });

  it('lets a document attach again once it has its answer', async () => {
    const { ask, attach, settle } = makePending();
    const first = ask();
    settle[0]!.resolve(ADMITTED);
    await first;
    void ask();
    expect(attach).toHaveBeenCalledTimes(2);
  });

  it('passes a failure on, and lets the document try again', async () => {
    const { ask, attach, settle } = makePending();
    const first = ask();
    settle[0]!.reject(new Error('no storage'));
    await expect(first).rejects.toThrow('no storage');
    void ask();
    expect(attach).toHaveBeenCalledTimes(2);
  });
});
