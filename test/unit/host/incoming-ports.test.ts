import { describe, expect, it, vi } from 'vitest';
import { IncomingPorts } from '../../../extension/host/incoming-ports';
import type { Sender } from '../../../src/channel/control';
import { DOCUMENT_PORT } from '../../../src/protocol/control-messages';
import { LIVE_PORT } from '../../../src/protocol/live-messages';

const EXTENSION = 'peerport-id';
const PANEL = `chrome-extension://${EXTENSION}/extension/panel/index.html`;

class FakePort {
  readonly name: string;
  readonly sender: Sender | undefined;
  readonly listeners = new Set<(message: unknown) => void>();
  readonly onGone: (() => void)[] = [];
  readonly onMessage = {
    addListener: (listener: (message: unknown) => void) => void this.listeners.add(listener),
    removeListener: (listener: (message: unknown) => void) => void this.listeners.delete(listener),
  };
  readonly onDisconnect = { addListener: (listener: () => void) => void this.onGone.push(listener) };
  readonly postMessage = vi.fn();
  readonly disconnect = vi.fn();

  constructor(name: string, sender?: Sender) {
    this.name = name;
    this.sender = sender;
  }

  deliver(message: unknown): void {
    for (const listener of [...this.listeners]) listener(message);
  }
}

function makePorts(isTicketValid = true) {
  const [onDocumentGone, onPanelGone] = [vi.fn(), vi.fn()];
  const host = { bind: vi.fn(() => (isTicketValid ? onDocumentGone : undefined)), watch: vi.fn(() => onPanelGone) };
  return { ports: new IncomingPorts(host, EXTENSION, PANEL), host, onDocumentGone, onPanelGone };
}

describe('port of a document', () => {
  it('shows its first message as the ticket, with the browser’s record of its document', () => {
    const { ports, host, onDocumentGone } = makePorts();
    const port = new FakePort(DOCUMENT_PORT, { documentId: 'document' });
    ports.admit(port);
    expect(host.bind).not.toHaveBeenCalled();
    port.deliver('ticket');
    port.deliver('a later message');
    expect(host.bind.mock.calls).toEqual([['ticket', 'document', expect.anything()]]);
    expect(port.onGone).toEqual([onDocumentGone]);
  });

  it('is not watched if the host refuses its ticket', () => {
    const { ports } = makePorts(false);
    const port = new FakePort(DOCUMENT_PORT, { documentId: 'document' });
    ports.admit(port);
    port.deliver('forged');
    expect(port.onGone).toEqual([]);
  });
});

describe('port for the live view', () => {
  it('is served to the panel until it disconnects', () => {
    const { ports, host, onPanelGone } = makePorts();
    const port = new FakePort(LIVE_PORT, { id: EXTENSION, url: `${PANEL}?tab=1` });
    ports.admit(port);
    expect(host.watch).toHaveBeenCalledOnce();
    expect(port.disconnect).not.toHaveBeenCalled();
    expect(port.onGone).toEqual([onPanelGone]);
  });

  it.each<[who: string, sender?: Sender]>([
    ['a content script', { id: EXTENSION, url: 'https://chat.example/', documentId: 'document' }],
    ['another page of the extension', { id: EXTENSION, url: PANEL.replace('panel', 'bridge') }],
    ['another extension', { id: 'stranger', url: PANEL }],
    ['a sender without a record'],
  ])('is closed if %s opened it', (_who, sender) => {
    const { ports, host } = makePorts();
    const port = new FakePort(LIVE_PORT, sender);
    ports.admit(port);
    expect(host.watch).not.toHaveBeenCalled();
    expect(port.disconnect).toHaveBeenCalledOnce();
  });
});

describe('port of another name', () => {
  it('is left to other contexts', () => {
    const { ports, host } = makePorts();
    const port = new FakePort('other', { id: EXTENSION, url: PANEL });
    ports.admit(port);
    expect([port.listeners.size, port.disconnect.mock.calls.length, host.watch.mock.calls.length]).toEqual([0, 0, 0]);
  });
});
