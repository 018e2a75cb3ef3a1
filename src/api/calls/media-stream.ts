// Reads the page's MediaStreams. Ignores tracks beyond MAX_TRACKS.
import { MAX_TRACKS } from '../../protocol/media-limits';
import type { OutgoingMedia } from '../../protocol/page-messages';
import { append } from '../safe/built-ins';

export function visitTracks(stream: MediaStream | undefined, visit: (track: MediaStreamTrack) => void): void {
  const tracks = stream?.getTracks() ?? [];
  for (let index = 0; index < tracks.length && index < MAX_TRACKS; index++) visit(tracks[index]!);
}

/** The host's description of a stream that the page sends. */
export function describeStream(stream: MediaStream): OutgoingMedia {
  const tracks: OutgoingMedia['tracks'] = [];
  visitTracks(stream, (track) => {
    const { kind, id } = track;
    append(tracks, { kind: kind as 'audio' | 'video', id, shows: track.getSettings().displaySurface });
  });
  return { id: stream.id, tracks };
}
