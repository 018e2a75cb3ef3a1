// Edits one STUN or TURN server: its addresses and credentials, with a test. Saves the server as soon as it is complete.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { OwnIceServer } from '../../src/protocol/ui-messages';
import { text } from '../platform/i18n';
import { Button } from '../ui/button';
import { TextField } from '../ui/text-field';
import { RelayTest } from './relay-test';
import { isRelay, parseIceUrls } from './server-input';

export interface IceServerCardProps {
  number: number;
  /** Absent for a new server that is not saved yet. */
  server?: OwnIceServer;
  isDisabled: boolean;
  onSave: (server: OwnIceServer) => Promise<void>;
  remove: () => Promise<void>;
}

interface Entry {
  urls: string;
  username: string;
  credential: string;
}

export function IceServerCard({ number, server, isDisabled, onSave, remove }: IceServerCardProps) {
  const [entry, setEntry] = useState<Entry>();
  const card = useRef<HTMLDivElement>(null);
  const shown = entry ?? entryOf(server);
  const complete = completeServer(shown);

  useEffect(() => {
    // The user has just added this server and will fill it in.
    if (!server) card.current?.querySelector('input')?.focus();
  }, []);

  /** Saves the server if it is complete, else keeps the typed parts in the card until it is. */
  async function change(part: Partial<Entry>): Promise<void> {
    const next = { ...shown, ...part };
    setEntry(next);
    const whole = completeServer(next);
    if (!whole) return;
    await onSave(whole);
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
        onSave={(urls) => change({ urls })}
      />
      <div class="pair">
        <TextField
          label={text('settingsIceUsername')}
          value={shown.username}
          isDisabled={isDisabled}
          check={() => undefined}
          onSave={(username) => change({ username })}
        />
        <TextField
          label={text('settingsIceCredential')}
          type="password"
          value={shown.credential}
          isDisabled={isDisabled}
          check={() => undefined}
          onSave={(credential) => change({ credential })}
        />
      </div>
      {!complete && shown.urls !== '' && <p class="problem">{text('settingsIceIncomplete')}</p>}
      {/* No test for an unsaved server: saving replaces its card, and the new card would lose the result. */}
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

/** Undefined while a part is missing. Browsers refuse a TURN server without credentials. */
function completeServer({ urls, username, credential }: Entry): OwnIceServer | undefined {
  const parsed = parseIceUrls(urls);
  if ('problem' in parsed) return undefined;
  const server = { urls: parsed.value };
  if (!isRelay(server)) return server;
  return username === '' || credential === '' ? undefined : { ...server, username, credential };
}
