// What there is in the engine host, counted by its own heap after a collection: what is forgotten there and not let go of
// counts, too.
import type { CDPSession } from '@playwright/test';
import type { ExtendedBrowser } from './browser';
import { CdpTarget } from './cdp-target';

/** Instances that are still there, and what JavaScript holds in all. */
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

  /** Of the host that is there now. */
  static async of(browser: ExtendedBrowser): Promise<HostCensus> {
    const session = await browser.browserSession();
    const { targetInfos } = await session.send('Target.getTargets', { filter: [{}] });
    const info = targetInfos.find(({ type, url }) => type === 'background_page' && url.includes(browser.extensionId));
    if (!info) throw new Error('there is no offscreen document');
    return new HostCensus(browser, session, await CdpTarget.attach(session, info.targetId));
  }

  async take(): Promise<Census> {
    const counts = {} as Record<keyof typeof CLASSES, number>;
    for (const [name, className] of Object.entries(CLASSES))
      counts[name as never] = (await this.#count(className)) as never;
    return { ...counts, documents: await this.#countDocuments(), heapBytes: await this.#browser.hostMemoryBytes() };
  }

  /** Every RTCPeerConnection that is still there, a line each, to tell what has kept it. */
  describePeerConnections(): Promise<string[]> {
    return this.#ofInstances(
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

  async close(): Promise<void> {
    await this.#session.detach();
  }

  #count(className: string): Promise<number> {
    return this.#ofInstances(className, 'function () { return this.length; }');
  }

  /** The result of this function, called on the array of all instances of the class. */
  async #ofInstances<Result>(className: string, functionDeclaration: string): Promise<Result> {
    const objectGroup = 'census';
    const prototype = await this.#host.send<RemoteObject>('Runtime.evaluate', {
      expression: `${className}.prototype`,
      objectGroup,
    });
    // Collects what nobody holds before it looks.
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
