import { describe, expect, it } from 'vitest';
import { Badge } from '../../../extension/background/badge';
import type { ActionBadge } from '../../../extension/platform/action';
import { PromptBook, type PromptRecord } from '../../../src/sites/decisions/prompt-book';
import { WriteQueue } from '../../../src/sites/records/write-queue';
import { MemoryStore } from '../../support/fakes/memory-store';

function makeBadge(session = new MemoryStore()) {
  const shown = new Map<number, ActionBadge>();
  const badge = new Badge({
    session,
    show: async (tabId, tabBadge) => void shown.set(tabId, tabBadge),
    texts: { idle: () => 'idle', connections: (count) => `connections ${count}`, asking: () => 'asking' },
    queue: new WriteQueue(),
  });
  const book = new PromptBook(session);
  return { badge, shown, session, book };
}

function prompt(...tabIds: number[]): PromptRecord {
  return {
    promptId: 'p',
    site: { origin: 'https://chat.example', isOpaque: false, isPrivate: false },
    server: { origin: 'wss://signal.example', label: 'signal.example', isPrivate: false, isEncrypted: true },
    waiting: tabIds.map((tabId) => ({ tabId, tabOrigin: 'https://chat.example' })),
  };
}

describe('Badge', () => {
  it('shows how many connections a tab has, and nothing for zero', async () => {
    const { badge, shown } = makeBadge();
    await badge.connectionsChanged([
      { tabId: 1, count: 3 },
      { tabId: 2, count: 0 },
    ]);
    expect(shown.get(1)).toMatchObject({ text: '3', title: 'connections 3' });
    expect(shown.get(2)).toMatchObject({ text: '', title: 'idle' });
  });

  it('stores nothing about a tab without connections', async () => {
    const { badge, session } = makeBadge();
    await badge.connectionsChanged([{ tabId: 1, count: 3 }]);
    await badge.connectionsChanged([{ tabId: 1, count: 0 }]);
    expect(session.records).toEqual({});
  });

  it('shows “99+” above 99 connections', async () => {
    const { badge, shown } = makeBadge();
    await badge.connectionsChanged([{ tabId: 1, count: 500 }]);
    expect(shown.get(1)?.text).toBe('99+');
  });

  it('shows a question mark instead of the count while a prompt waits', async () => {
    const { badge, shown, book } = makeBadge();
    await badge.connectionsChanged([{ tabId: 1, count: 3 }]);
    await book.put(prompt(1, 2));
    await badge.storeChanged({ 'prompt:p': { newValue: prompt(1, 2) } });
    expect([shown.get(1), shown.get(2)]).toMatchObject([
      { text: '?', title: 'asking' },
      { text: '?', title: 'asking' },
    ]);
  });

  it('keeps the question mark when a connection is added', async () => {
    const { badge, shown, book } = makeBadge();
    await book.put(prompt(1));
    await badge.connectionsChanged([{ tabId: 1, count: 1 }]);
    expect(shown.get(1)?.text).toBe('?');
  });

  it('shows the count again when the prompt is closed, also in a new worker', async () => {
    const first = makeBadge();
    await first.badge.connectionsChanged([{ tabId: 1, count: 3 }]);
    await first.book.put(prompt(1));
    const { badge, shown, book } = makeBadge(first.session);
    await book.remove(prompt(1));
    await badge.storeChanged({ 'prompt:p': { oldValue: prompt(1) } });
    expect(shown.get(1)?.text).toBe('3');
  });

  it('removes the question mark from one tab while another still waits', async () => {
    const { badge, shown, book } = makeBadge();
    await book.put(prompt(2));
    await badge.storeChanged({ 'prompt:p': { oldValue: prompt(1, 2), newValue: prompt(2) } });
    expect([shown.get(1)?.text, shown.get(2)?.text]).toEqual(['', '?']);
  });

  it('ignores changes to other records in the store', async () => {
    const { badge, shown } = makeBadge();
    await badge.storeChanged({ 'tab:1': { newValue: {} } });
    expect(shown.size).toBe(0);
  });
});
