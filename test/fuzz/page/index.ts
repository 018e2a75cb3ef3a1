// The global `fuzz` of the fuzzer's pages, for use inside `evaluate`.
import { forge } from './forger';
import { HostilePeer } from './hostile-peer';
import { floodWithAttachEvents, HostilePort } from './hostile-port';
import { HonestPage } from './peers';

export const fuzz = { HonestPage, HostilePeer, HostilePort, floodWithAttachEvents, forge };

Object.assign(globalThis, { fuzz });
