// Measures what a call sends of its video, by the statistics of the page's own encoder and of the connection to the remote peer,
// which in a hosted call is the host's.
import type { MediaConnection } from 'peerjs';
import { onBeat } from './metronome.js';

/** The span for measuring a bitrate: long enough that one keyframe does not look like a high rate. */
const SPAN_MS = 1_000;

/** Rates in bits a second. */
export interface Sending {
  /** The target of the page's encoder. */
  target: number;
  /** The rate sent to the remote peer. */
  sent: number;
}

/** The rates to wait for, bits a second. */
export interface Wish {
  below?: number;
  above?: number;
}

/** Resolves with both rates, measured over a second, once they fulfil `wish` or patience ends. */
export async function sendingUntil(call: MediaConnection, wish: Wish, patienceMs: number): Promise<Sending> {
  const { below = Infinity, above = 0 } = wish;
  const deadline = performance.now() + patienceMs;
  let before = await read(call);
  for (;;) {
    const now = await later(call, before.at + SPAN_MS);
    const sending = { target: now.target, sent: ((now.bytes - before.bytes) * 8000) / (now.at - before.at) };
    const rates = Object.values(sending);
    if (rates.every((rate) => rate < below && rate > above) || performance.now() >= deadline) return sending;
    before = now;
  }
}

interface Reading {
  at: number;
  target: number;
  bytes: number;
}

async function read(call: MediaConnection): Promise<Reading> {
  const { peerConnection } = call;
  const sender = peerConnection.getSenders().find(({ track }) => track?.kind === 'video')!;
  const [page, remote] = await Promise.all([sender.getStats(), peerConnection.getStats()]);
  return {
    at: performance.now(),
    target: videoOf(page).targetBitrate ?? 0,
    bytes: videoOf(remote).bytesSent ?? 0,
  };
}

/** Reads at the first beat from `time` on. */
function later(call: MediaConnection, time: number): Promise<Reading> {
  return new Promise((resolve) => {
    const stop = onBeat(() => {
      if (performance.now() < time) return;
      stop();
      resolve(read(call));
    });
  });
}

function videoOf(report: RTCStatsReport): Partial<RTCOutboundRtpStreamStats> {
  const all = Array.from((report as unknown as Map<string, RTCOutboundRtpStreamStats>).values());
  return all.find(({ type, kind }) => type === 'outbound-rtp' && kind === 'video') ?? {};
}
