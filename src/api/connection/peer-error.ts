// PeerJS's error object and the emitter that emits it (PeerJS lib/peerError.ts). Unlike PeerJS's, a PeerError made from
// another error keeps that error's message, and has it as its `cause`.
import { EventEmitter } from 'eventemitter3';
import { safe } from '../safe/built-ins';
import { logger } from '../safe/logger';
import { rememberSelf } from '../safe/proxies';

export class PeerError<Type extends string = string> extends Error {
  type: Type;

  constructor(type: Type, error: Error | string) {
    if (typeof error === 'string') super(error);
    else super(error.message, { cause: error });
    this.type = type;
  }
}

/** `Type`: of the errors that it emits. */
export class EventEmitterWithError<Type extends string> extends EventEmitter {
  constructor() {
    super();
    rememberSelf(this);
  }

  emitError(type: Type, error: Error | string): void {
    logger.error('Error:', error);
    this.emit('error', new PeerError(type, error));
  }
}

/** Emits an error, and rejects with its like: for requests that PeerJS only answers with the event. */
export function emitAndReject<Type extends string>(
  emitter: EventEmitterWithError<Type>,
  type: Type,
  message: string,
): Promise<never> {
  emitter.emitError(type, message);
  return safe.Promise.reject(new PeerError(type, message));
}
