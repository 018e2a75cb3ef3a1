// A steady beat, even for a background page: browsers slow down the timers and frames of hidden pages, but not timers of workers.
import { atEnd } from './reuse.js';

/** 30 beats a second, the usual rate of a camera. */
const BEAT_MS = 33;

const listeners = new Set<() => void>();
let worker: Worker | undefined;

/** Calls `listener` at every beat, until the returned function is called. */
export function onBeat(listener: () => void): () => void {
  worker ??= start();
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function start(): Worker {
  const script = `setInterval(() => postMessage(''), ${BEAT_MS})`;
  const started = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })));
  started.addEventListener('message', () => {
    for (const listener of [...listeners]) listener();
  });
  atEnd(() => {
    started.terminate();
    worker = undefined;
    listeners.clear();
  });
  return started;
}
