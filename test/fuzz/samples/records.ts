// Backup files and managed settings, valid and damaged.
import { jsonText, mutated, mutatedText } from '../mutate';
import type { Random } from '../random';

const POLICY = {
  defaultDecision: 'ask',
  peerServer: { host: '127.0.0.1', port: 9000, path: '/', secure: false, key: 'peerjs' },
  iceServers: [{ urls: ['turn:127.0.0.1:9'], username: 'u', credential: 'c' }],
  iceServersMode: 'add',
  relayedOnly: false,
  keepConnections: true,
  limits: { peers: 32, connections: 200, queuedBytes: 512 * 1024 * 1024 },
};

const SITE = {
  origin: 'https://chat.example',
  decision: 'allow',
  privateServers: ['127.0.0.1:9000'],
};

const SETTINGS = {
  callRoute: 'direct',
  relayedOnly: true,
  keepId: true,
  data: true,
  calls: false,
  keepConnections: true,
};

const BACKUP = {
  format: 'peerport-backup',
  version: 2,
  policy: POLICY,
  sites: [
    {
      ...SITE,
      decidedAt: 1_700_000_000_000,
      settings: SETTINGS,
      identities: { anonymous: [{ id: 'a', secret: '0'.repeat(32) }], named: [{ id: 'b', secret: 'f'.repeat(32) }] },
    },
    { origin: 'https://frame.example', topOrigin: 'https://top.example', decision: 'block' },
  ],
  log: [{ at: 1_700_000_000_000, what: 'allowed', origin: 'https://chat.example', server: '127.0.0.1:9000' }],
};

const MANAGED = { ...POLICY, sites: [{ ...SITE, ...SETTINGS }] };

/** The text of a backup file, usually damaged. */
export function backupText(random: Random): string {
  const backup = random.chance(0.8) ? mutated(BACKUP, random, true) : BACKUP;
  const text = jsonText(backup);
  return random.chance(0.1) ? mutatedText(text, random) : text;
}

/** Damaged managed settings, limited to JSON values, because an administrator's file is JSON. */
export function managedSettings(random: Random): unknown {
  return mutated(MANAGED, random, true);
}
