// A hand-made peer (`kit.openTap`), which can signal and send what PeerJS never would.
import type { JSHandle } from '@playwright/test';
import type { Tap } from '../pages/kit/tap';
import type { DrivenPage } from './driven-page';
import type { TestPeerServer } from './peer-server';

/** The string `still here` in BinaryPack. */
export const STILL_HERE = [0xba, ...new TextEncoder().encode('still here')];

/** Registers a hand-made peer as `id` at the server. */
export function tapAt(page: DrivenPage, { host, port }: TestPeerServer, id: string): Promise<JSHandle<Tap>> {
  return page.evaluateHandle(([server, id]) => kit.openTap(server, id), [{ host, port }, id] as const);
}
