// Counts the objects in the engine host after a garbage collection, and so finds leaks: objects that the code no longer
// uses but still references.
import type { CDPSession } from '@playwright/test';
import type { ExtendedBrowser } from './browser';
import { CdpTarget } from './cdp-target';

/** Instances that survive a garbage collection, and the size of the JavaScript heap. */
export interface Census {
  peerConnections: number;
  dataChannels: number;
  webSockets: number;
  messagePorts: number;
  /** Documents that are attached or expected. */
  documents: number;
  heapBytes: number;
}

const CLASSES = {
  peerConnections: 'RTCPeerConnection',
  dataChannels: 'RTCDataChannel',
  webSockets: 'WebSocket',
  messagePorts: 'MessagePort',
} as const;

interface RemoteObject {
  result: { objectId: string };
}

export class HostCensus {
  readonly #browser: ExtendedBrowser;
  readonly #session: CDPSession;
  readonly #host: CdpTarget;

  private constructor(browser: ExtendedBrowser, session: CDPSession, host: CdpTarget) {
    this.#browser = browser;
    this.#session = session;
    this.#host = host;
  }

  /** A census of the current host. Rejects if no offscreen document exists. */
  static async of(browser: ExtendedBrowser): Promise<HostCensus> {
    const session = await browser.browserSession();
    const { targetInfos } = await session.send('Target.getTargets', { filter: [{}] });
    const info = targetInfos.find(({ type, url }) => type === 'background_page' && url.includes(browser.extensionId));
    if (!info) throw new Error('no offscreen document exists');
    return new HostCensus(browser, session, await CdpTarget.attach(session, info.targetId));
  }

  async take(): Promise<Census> {
    const counts = {} as Record<keyof typeof CLASSES, number>;
    for (const [name, className] of Object.entries(CLASSES))
      counts[name as never] = (await this.#count(className)) as never;
    return { ...counts, documents: await this.#countDocuments(), heapBytes: await this.#browser.hostMemoryBytes() };
  }

  /** One line per surviving RTCPeerConnection, to find out why it survives. */
  describePeerConnections(): Promise<string[]> {
    return this.#callOnInstances(
      'RTCPeerConnection',
      `function () {
        return this.map((connection) =>
          [
            connection.connectionState,
            connection.iceConnectionState,
            connection.signalingState,
            connection.getSenders().length + ' senders',
            connection.getReceivers().length + ' receivers',
            connection.currentLocalDescription?.type,
            (connection.remoteDescription ?? connection.pendingRemoteDescription)?.sdp,
          ].join(', '),
        );
      }`,
    );
  }

  /** The host's heap as the text of a `.heapsnapshot` file, which DevTools opens and which names what keeps each object. */
  async heapSnapshot(): Promise<string> {
    const chunks: string[] = [];
    this.#host.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }: { chunk: string }) => chunks.push(chunk));
    await this.#host.send('HeapProfiler.takeHeapSnapshot');
    return chunks.join('');
  }

  async close(): Promise<void> {
    await this.#session.detach();
  }

  #count(className: string): Promise<number> {
    return this.#callOnInstances(className, 'function () { return this.length; }');
  }

  /** Calls the function with `this` as the array of all instances of the class. Resolves with its result. */
  async #callOnInstances<Result>(className: string, functionDeclaration: string): Promise<Result> {
    const objectGroup = 'census';
    const prototype = await this.#host.send<RemoteObject>('Runtime.evaluate', {
      expression: `${className}.prototype`,
      objectGroup,
    });
    // `queryObjects` collects garbage before it looks.
    const { objects } = await this.#host.send<{ objects: RemoteObject['result'] }>('Runtime.queryObjects', {
      prototypeObjectId: prototype.result.objectId,
      objectGroup,
    });
    const { result } = await this.#host.send<{ result: { value: Result } }>('Runtime.callFunctionOn', {
      objectId: objects.objectId,
      functionDeclaration,
      returnByValue: true,
    });
    await this.#host.send('Runtime.releaseObjectGroup', { objectGroup });
    return result.value;
  }

  #countDocuments(): Promise<number> {
    return this.#browser.context.serviceWorkers()[0]!.evaluate(async () => {
      const documents: unknown[] = await chrome.runtime.sendMessage({ to: 'host', type: 'documents' });
      return documents.length;
    });
  }
}
