// The token that proves an ID to a PeerServer. It is derived from the ID's secret for each server, so that neither a
// page that names another server nor the server itself can use the token elsewhere.

/** 128 bits as 32 hexadecimal digits: the head of SHA-256 over the secret and the server's URL. */
export async function derivePeerToken(secret: string, serverUrl: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${secret} ${serverUrl}`));
  return Array.from(new Uint8Array(digest, 0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
