// Joins the two legs of a hosted call: media from one to the other, and back to each end what the other asks of its
// sender: keyframes, and no more bits than the way to the remote takes. Browsers tell the latter in statistics only.
import type { SendingWish } from '../../protocol/host-messages';
import type { LinkSection, PageLeg } from './page-leg';
import type { MediaPaths, Outlet, MediaPath } from './media-paths';
import type { RemoteLeg, RemoteSection } from './remote-leg';
import { BitrateLimit } from './bitrate-limit';

/** How often the statistics are read: a remote that cannot decode waits this long more than in a call of its own. */
const CONTROL_INTERVAL_MS = 200;
/** What the audio of a call takes of the estimate, bits a second: Opus as Chromium sends it, with its packets' headers. */
const AUDIO_BITRATE = 50_000;

interface Join {
  section: RemoteSection;
  /** The link's. */
  transceiver: RTCRtpTransceiver;
  remoteKeyFrameRequests: number;
  pageKeyFrameRequests: number;
  limit: BitrateLimit;
}

export class MediaBridge {
  readonly #leg: RemoteLeg;
  readonly #paths: MediaPaths;
  readonly #tell: (wish: SendingWish) => void;
  readonly #joins: Join[] = [];
  /** From the page, by the remote leg's section. */
  readonly #fromPage = new Map<string, MediaPath>();
  /** Where these lead, as far as that is agreed on. */
  readonly #outlets: { path: MediaPath; outlet: Outlet }[] = [];
  #isRemoteConnected = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isClosed = false;

  constructor(leg: RemoteLeg, paths: MediaPaths, tell: (wish: SendingWish) => void) {
    this.#leg = leg;
    this.#paths = paths;
    this.#tell = tell;
  }

  /** What the page sends in these sections waits until it is known to be wanted. */
  expect(sections: readonly LinkSection[]): void {
    for (const { mid, transceiver } of sections) this.#fromPage.set(mid, this.#paths.pathFrom(transceiver.receiver));
  }

  /** Carries everything that the remote leg has agreed on over `link`. */
  async join(pageLeg: PageLeg): Promise<void> {
    const sections = this.#leg.sections();
    if (sections.length === 0) return;
    // What goes out need not wait for what comes in.
    for (const { transceiver, outgoing } of sections) {
      const path = this.#fromPage.get(transceiver.mid ?? '');
      if (path && outgoing) this.#lead(path, outgoing);
    }
    const carried = await pageLeg.carry(sections);
    if (this.#isClosed) return;
    carried.forEach(({ transceiver }, index) => {
      this.#join(sections[index]!, transceiver);
    });
    if (this.#paths.passesWishes && this.#joins.some(({ section }) => section.kind === 'video')) {
      this.#timer = setInterval(() => {
        // Statistics of a leg that closes meanwhile are nobody's concern.
        this.#control().catch(() => undefined);
      }, CONTROL_INTERVAL_MS);
    }
  }

  /** The remote peer can be reached now: what has waited goes. */
  handleRemoteConnected(): void {
    if (this.#isRemoteConnected) return;
    this.#isRemoteConnected = true;
    for (const { path, outlet } of this.#outlets) path.open(outlet);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    for (const path of this.#fromPage.values()) path.close();
  }

  #join(section: RemoteSection, transceiver: RTCRtpTransceiver): void {
    const { incoming, outgoing } = section;
    incoming?.open(this.#paths.outletOf(transceiver.sender));
    const mid = section.transceiver.mid ?? '';
    if (outgoing && !this.#fromPage.has(mid)) {
      const path = this.#paths.pathFrom(transceiver.receiver);
      this.#fromPage.set(mid, path);
      this.#lead(path, outgoing);
    }
    const limit = new BitrateLimit();
    this.#joins.push({ section, transceiver, remoteKeyFrameRequests: 0, pageKeyFrameRequests: 0, limit });
  }

  #lead(path: MediaPath, outlet: Outlet): void {
    this.#outlets.push({ path, outlet });
    if (this.#isRemoteConnected) path.open(outlet);
  }

  async #control(): Promise<void> {
    for (const join of this.#joins) {
      if (join.section.kind !== 'video') continue;
      if (join.section.outgoing) await this.#controlPage(join);
      if (join.section.incoming) await this.#controlRemote(join);
    }
  }

  async #controlPage(join: Join): Promise<void> {
    const report = await join.section.transceiver.sender.getStats();
    if (this.#isClosed) return;
    const requests = keyFrameRequests(report);
    const keyFrame = requests > join.remoteKeyFrameRequests;
    join.remoteKeyFrameRequests = requests;
    const maxBitrate = this.#newLimit(join, report);
    const { mid } = join.transceiver;
    if (mid === null || (!keyFrame && maxBitrate === undefined)) return;
    this.#tell({ mid, keyFrame, ...(maxBitrate !== undefined && { maxBitrate }) });
  }

  async #controlRemote(join: Join): Promise<void> {
    const requests = keyFrameRequests(await join.transceiver.sender.getStats());
    if (requests > join.pageKeyFrameRequests) join.section.incoming?.requestKeyFrame();
    join.pageKeyFrameRequests = requests;
  }

  /** The bandwidth is shared among the sections of video. */
  #newLimit({ limit }: Join, report: RTCStatsReport): number | undefined {
    const estimate = availableBitrate(report);
    const [sent] = statsOf<RTCOutboundRtpStreamStats>(report, 'outbound-rtp');
    if (estimate === undefined) return undefined;
    const senders = this.#joins.filter(({ section }) => section.outgoing);
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

/** Bits a second, by the congestion control of the pair of candidates in use. */
function availableBitrate(report: RTCStatsReport): number | undefined {
  const pairs = statsOf<RTCIceCandidatePairStats>(report, 'candidate-pair');
  return pairs.find(({ nominated, availableOutgoingBitrate }) => nominated && availableOutgoingBitrate)
    ?.availableOutgoingBitrate;
}

function statsOf<Stats extends RTCStats>(report: RTCStatsReport, type: RTCStatsType): Stats[] {
  return Array.from((report as unknown as Map<string, Stats>).values()).filter((stats) => stats.type === type);
}
