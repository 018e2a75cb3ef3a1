// Bridges the two legs of a hosted call. Carries media from each leg to the other, and passes each end's feedback to
// the other end's sender: keyframe requests, and the bandwidth to the remote peer. Browsers report these only in
// statistics, so the bridge polls them. The owner must call `close`.
import type { SendingWish } from '../../protocol/host-messages';
import type { PageSection, PageLeg } from './page-leg';
import type { MediaPaths, Sink, MediaPath } from './media-paths';
import type { RemoteLeg, RemoteSection } from './remote-leg';
import { BitrateLimit } from './bitrate-limit';

/** How often to read the statistics. A keyframe request takes this much longer than in a direct call. */
const CONTROL_INTERVAL_MS = 200;
/**
 * The share of an audio section in the estimate, bits per second: Opus as Chromium sends it, including packet headers.
 */
const AUDIO_BITRATE = 50_000;

interface BridgedSection {
  section: RemoteSection;
  /** The transceiver of the page leg. */
  transceiver: RTCRtpTransceiver;
  remoteKeyFrameRequests: number;
  pageKeyFrameRequests: number;
  limit: BitrateLimit;
}

export class MediaBridge {
  readonly #remoteLeg: RemoteLeg;
  readonly #paths: MediaPaths;
  readonly #postWish: (wish: SendingWish) => void;
  readonly #bridged: BridgedSection[] = [];
  /** Paths from the page, by the MID of the remote leg's section. */
  readonly #fromPage = new Map<string, MediaPath>();
  /** The paths from the page whose target is agreed on. */
  readonly #targets: { path: MediaPath; sink: Sink }[] = [];
  #isRemoteConnected = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isClosed = false;

  constructor(remoteLeg: RemoteLeg, paths: MediaPaths, postWish: (wish: SendingWish) => void) {
    this.#remoteLeg = remoteLeg;
    this.#paths = paths;
    this.#postWish = postWish;
  }

  /** Queues the page's media in these sections until `join` tells where they go. */
  expect(sections: readonly PageSection[]): void {
    for (const { mid, transceiver } of sections) this.#fromPage.set(mid, this.#paths.pathFrom(transceiver.receiver));
  }

  /** Carries everything that the remote leg has negotiated over the page leg. */
  async join(pageLeg: PageLeg): Promise<void> {
    const sections = this.#remoteLeg.sections();
    if (sections.length === 0) return;
    // Outgoing media need not wait for the page to accept the incoming ones.
    for (const { transceiver, outgoing } of sections) {
      const path = this.#fromPage.get(transceiver.mid ?? '');
      if (path && outgoing) this.#connect(path, outgoing);
    }
    const carried = await pageLeg.carry(sections);
    if (this.#isClosed) return;
    carried.forEach(({ transceiver }, index) => {
      this.#bridge(sections[index]!, transceiver);
    });
    if (this.#paths.passesWishes && this.#bridged.some(({ section }) => section.kind === 'video')) {
      this.#timer = setInterval(() => {
        // Fails when a leg closes meanwhile.
        this.#control().catch(() => undefined);
      }, CONTROL_INTERVAL_MS);
    }
  }

  /** The remote leg is connected: sends the queued media. */
  handleRemoteConnected(): void {
    if (this.#isRemoteConnected) return;
    this.#isRemoteConnected = true;
    for (const { path, sink } of this.#targets) path.open(sink);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    for (const path of this.#fromPage.values()) path.close();
  }

  #bridge(section: RemoteSection, transceiver: RTCRtpTransceiver): void {
    const { incoming, outgoing } = section;
    incoming?.open(this.#paths.sinkOf(transceiver.sender));
    const mid = section.transceiver.mid ?? '';
    if (outgoing && !this.#fromPage.has(mid)) {
      const path = this.#paths.pathFrom(transceiver.receiver);
      this.#fromPage.set(mid, path);
      this.#connect(path, outgoing);
    }
    const limit = new BitrateLimit();
    this.#bridged.push({ section, transceiver, remoteKeyFrameRequests: 0, pageKeyFrameRequests: 0, limit });
  }

  #connect(path: MediaPath, sink: Sink): void {
    this.#targets.push({ path, sink });
    if (this.#isRemoteConnected) path.open(sink);
  }

  async #control(): Promise<void> {
    for (const bridged of this.#bridged) {
      if (bridged.section.kind !== 'video') continue;
      if (bridged.section.outgoing) await this.#controlPage(bridged);
      if (bridged.section.incoming) await this.#controlRemote(bridged);
    }
  }

  async #controlPage(bridged: BridgedSection): Promise<void> {
    const report = await bridged.section.transceiver.sender.getStats();
    if (this.#isClosed) return;
    const requests = keyFrameRequests(report);
    const keyFrame = requests > bridged.remoteKeyFrameRequests;
    bridged.remoteKeyFrameRequests = requests;
    const maxBitrate = this.#newLimit(bridged, report);
    const { mid } = bridged.transceiver;
    if (mid === null || (!keyFrame && maxBitrate === undefined)) return;
    this.#postWish({ mid, keyFrame, ...(maxBitrate !== undefined && { maxBitrate }) });
  }

  async #controlRemote(bridged: BridgedSection): Promise<void> {
    const requests = keyFrameRequests(await bridged.transceiver.sender.getStats());
    if (requests > bridged.pageKeyFrameRequests) bridged.section.incoming?.requestKeyFrame();
    bridged.pageKeyFrameRequests = requests;
  }

  /** The video sections share the bandwidth that audio leaves. */
  #newLimit({ limit }: BridgedSection, report: RTCStatsReport): number | undefined {
    const estimate = availableBitrate(report);
    const [sent] = statsOf<RTCOutboundRtpStreamStats>(report, 'outbound-rtp');
    if (estimate === undefined) return undefined;
    const senders = this.#bridged.filter(({ section }) => section.outgoing);
    const audio = senders.filter(({ section }) => section.kind === 'audio').length * AUDIO_BITRATE;
    const videos = senders.filter(({ section }) => section.kind === 'video').length;
    return limit.next({
      at: sent?.timestamp ?? 0,
      bitrate: (estimate - audio) / videos,
      retransmittedBytes: sent?.retransmittedBytesSent ?? 0,
      packets: sent?.packetsSent ?? 0,
      waited: sent?.totalPacketSendDelay ?? 0,
    });
  }
}

function keyFrameRequests(report: RTCStatsReport): number {
  let requests = 0;
  for (const stats of statsOf<RTCOutboundRtpStreamStats>(report, 'outbound-rtp')) {
    requests += (stats.pliCount ?? 0) + (stats.firCount ?? 0);
  }
  return requests;
}

/** The congestion control's estimate for the candidate pair in use, bits per second. */
function availableBitrate(report: RTCStatsReport): number | undefined {
  const pairs = statsOf<RTCIceCandidatePairStats>(report, 'candidate-pair');
  return pairs.find(({ nominated, availableOutgoingBitrate }) => nominated && availableOutgoingBitrate)
    ?.availableOutgoingBitrate;
}

function statsOf<Stats extends RTCStats>(report: RTCStatsReport, type: RTCStatsType): Stats[] {
  return Array.from((report as unknown as Map<string, Stats>).values()).filter((stats) => stats.type === type);
}
