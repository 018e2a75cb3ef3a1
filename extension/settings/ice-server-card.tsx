// One STUN or TURN server: its addresses and credentials, and whether it works. Kept as soon as it is complete.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { OwnIceServer } from '../../src/protocol/ui-messages';
import { text } from '../platform/i18n';
import { Button } from '../ui/button';
import { TextField } from '../ui/text-field';
import { RelayTest } from './relay-test';
import { isRelay, parseIceUrls } from './server-input';

export interface IceServerCardProps {
  number: number;
  /** Absent: a new one, of which nothing is kept yet. */
  server?: OwnIceServer;
  isDisabled: boolean;
  keep: (server: OwnIceServer) => Promise<void>;
  remove: () => Promise<void>;
}

interface Entry {
  urls: string;
  username: string;
  credential: string;
}

export function IceServerCard({ number, server, isDisabled, keep, remove }: IceServerCardProps) {
  const [entry, setEntry] = useState<Entry>();
  const card = useRef<HTMLDivElement>(null);
  const shown = entry ?? entryOf(server);
  const complete = completeServer(shown);

  useEffect(() => {
    // One that was just added is to be filled in.
    if (!server) card.current?.querySelector('input')?.focus();
  }, []);

  /** Keeps the server as far as it is complete; else only remembers what was typed, until it is. */
  async function change(part: Partial<Entry>): Promise<void> {
    const next = { ...shown, ...part };
    setEntry(next);
    const whole = completeServer(next);
    if (!whole) return;
    await keep(whole);
    setEntry(undefined);
  }

  const label = text('settingsIceNumber', String(number));
  return (
    <div ref={card} class="card" role="group" aria-label={label}>
      <TextField
        label={text('settingsIceUrls')}
        hint={text('settingsIceUrlsHint')}
        value={shown.urls}
        placeholder="turn:relay.example:3478"
        isDisabled={isDisabled}
        check={(typed) => {
          const parsed = parseIceUrls(typed);
          return 'problem' in parsed ? text(parsed.problem) : undefined;
        }}
        keep={(urls) => change({ urls })}
      />
      <div class="pair">
        <TextField
          label={text('settingsIceUsername')}
          value={shown.username}
          isDisabled={isDisabled}
          check={() => undefined}
          keep={(username) => change({ username })}
        />
        <TextField
          label={text('settingsIceCredential')}
          type="password"
          value={shown.credential}
          isDisabled={isDisabled}
          check={() => undefined}
          keep={(credential) => change({ credential })}
        />
      </div>
      {!complete && shown.urls !== '' && <p class="problem">{text('settingsIceIncomplete')}</p>}
      {/* One that is not kept yet gets a card of its own when it is, which would know nothing of a trial here. */}
      <RelayTest server={server && complete} label={text('settingsIceTestOf', String(number))}>
        {!isDisabled && (
          <Button
            kind="danger"
            isSmall
            label={text('settingsIceRemoveOf', String(number))}
            onClick={() => void remove()}
          >
            {text('settingsIceRemove')}
          </Button>
        )}
      </RelayTest>
    </div>
  );
}

function entryOf(server: OwnIceServer | undefined): Entry {
  return {
    urls: server?.urls.join(' ') ?? '',
    username: server?.username ?? '',
    credential: server?.credential ?? '',
  };
}

/** Undefined while something is missing: browsers refuse a TURN server without credentials. */
function completeServer({ urls, username, credential }: Entry): OwnIceServer | undefined {
  const parsed = parseIceUrls(urls);
  if ('problem' in parsed) return undefined;
  const server = { urls: parsed.value };
  if (!isRelay(server)) return server;
  return username === '' || credential === '' ? undefined : { ...server, username, credential };
}
