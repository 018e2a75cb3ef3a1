// The token that PeerServer is shown for an ID. Each server gets its own, derived from the secret, so that a page which
// names another server cannot carry an ID's token there, and a server cannot use it elsewhere.

/** 128 bits as 32 hexadecimal digits: the head of SHA-256 over the secret and the server's URL. */
export async function derivePeerToken(secret: string, serverUrl: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${secret} ${serverUrl}`));
  return Array.from(new Uint8Array(digest, 0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
