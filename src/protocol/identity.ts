// Makes persistent IDs. The background stores them; the engine makes a new ID when no stored ID is free.
import type { Identity } from './control-messages';

const SECRET_BYTES = 16;

/** A new ID in PeerServer's own form (UUID v4), and its secret. */
export function createIdentity(id: string = crypto.randomUUID()): Identity {
  return { id, secret: randomHex() };
}

/** 128 random bits as 32 hexadecimal digits. */
export function randomHex(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
