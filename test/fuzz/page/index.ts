// What the pages of the fuzzer can do; `fuzz` inside `evaluate`.
import { forge } from './forger';
import { HostilePeer } from './hostile-peer';
import { floodWithAttachEvents, HostilePort } from './hostile-port';
import { HonestPage } from './peers';

export const fuzz = { HonestPage, HostilePeer, HostilePort, floodWithAttachEvents, forge };

Object.assign(globalThis, { fuzz });
