// PeerJS's published MsgPack serializer, for tests of custom serializers.
import { rolldown } from 'rolldown';
import { fileURLToPath } from 'node:url';
import type { JSHandle } from '@playwright/test';
import type { Peer } from 'peerjs';
import type { PeerPage } from './fixtures';
import type { PeerSettings } from '../pages/kit/kit';

const MSGPACK = fileURLToPath(new URL('../../node_modules/peerjs/dist/serializer.msgpack.mjs', import.meta.url));

let script: Promise<string> | undefined;

/** The source of a classic script that defines `msgpack.MsgPack`. */
function msgpackScript(): Promise<string> {
  return (script ??= (async () => {
    const bundle = await rolldown({ input: MSGPACK, platform: 'browser', logLevel: 'silent' });
    const { output } = await bundle.generate({ format: 'iife', name: 'msgpack' });
    return output[0].code;
  })());
}

type Window = typeof globalThis & { msgpack: { MsgPack: never } };

/** Opens a Peer with this ID and the serializer. */
export async function openWithMsgPack({ page }: PeerPage, id: string, options: PeerSettings): Promise<JSHandle<Peer>> {
  await page.addScriptTag({ content: await msgpackScript() });
  return page.evaluateHandle(
    ([id, options]) => {
      const { MsgPack } = (window as unknown as Window).msgpack;
      return kit.opened(kit.peer(id, { ...options, serializers: { MsgPack } }));
    },
    [id, options] as const,
  );
}
