// The PeerServer's address: from query parameters, else from config.json, else PeerJS's default (its public server).

/** @returns {Promise<{ peer: object, library?: string }>} options for `new Peer`, and a script that defines it */
export async function loadSettings() {
  const response = await fetch('config.json');
  const settings = response.ok ? await response.json() : {};
  const query = new URLSearchParams(location.search);
  const peer = { debug: 1, ...settings.peer };
  for (const name of ['host', 'port', 'path', 'key']) {
    if (query.has(name)) peer[name] = name === 'port' ? Number(query.get(name)) : query.get(name);
  }
  return { ...settings, peer };
}

/** Loads a script that defines `Peer`, for browsers without the extension. */
export function loadLibrary(url) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = url;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${url} could not be loaded.`));
    document.head.append(script);
  });
}
