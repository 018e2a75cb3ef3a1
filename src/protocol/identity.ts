// Makes persistent IDs. The background keeps them; the engine makes one where no kept one is free.
import type { Identity } from './control-messages';

const SECRET_BYTES = 16;

/** A new ID in the form that PeerServer gives out (UUID v4), and its secret. */
export function createIdentity(id: string = crypto.randomUUID()): Identity {
  return { id, secret: randomHex() };
}

/** 128 random bits in 32 hexadecimal digits. */
export function randomHex(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
