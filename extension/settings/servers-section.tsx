// The user's own servers: the PeerServer, which introduces peers to each other, and STUN and TURN servers, which help them
// connect.
import { useState } from 'preact/hooks';
import type { OwnIceServer, OwnPeerServer, PolicyView } from '../../src/protocol/ui-messages';
import { CLOUD_HOST } from '../../src/protocol/peer-server';
import { text } from '../platform/i18n';
import { Button } from '../ui/button';
import { Choice } from '../ui/choice';
import { ManagedNote } from '../ui/managed-note';
import { TextField } from '../ui/text-field';
import { Answered } from './answered';
import { IceServerCard } from './ice-server-card';
import { parsePeerServer, peerServerAddress, USUAL_KEY } from './server-input';
import { usePolicy, type PolicyChange } from './use-policy';

interface PartProps {
  view: PolicyView;
  change: (change: PolicyChange) => Promise<void>;
}

export function ServersSection() {
  const { answer, change } = usePolicy();
  return (
    <Answered answer={answer}>
      {(view) => (
        <>
          <PeerServer view={view} change={change} />
          <IceServers view={view} change={change} />
        </>
      )}
    </Answered>
  );
}

function PeerServer({ view: { policy, managed }, change }: PartProps) {
  const isManaged = managed.includes('peerServer');
  const { peerServer } = policy;
  const key = peerServer?.key ?? USUAL_KEY;

  function store(server: OwnPeerServer | null): Promise<void> {
    return change({ peerServer: server });
  }

  return (
    <section class="group">
      <h3>{text('settingsPeerServer')}</h3>
      <p class="hint">{text('settingsPeerServerHint')}</p>
      {isManaged && <ManagedNote />}
      <TextField
        label={text('settingsPeerServerAddress')}
        hint={text('settingsPeerServerAddressHint', CLOUD_HOST)}
        value={peerServer ? peerServerAddress(peerServer) : ''}
        placeholder={`https://${CLOUD_HOST}/`}
        isDisabled={isManaged}
        check={(typed) => {
          if (typed === '') return undefined;
          const parsed = parsePeerServer(typed, key);
          return 'problem' in parsed ? text(parsed.problem) : undefined;
        }}
        onSave={(typed) => {
          if (typed === '') return store(null);
          const parsed = parsePeerServer(typed, key);
          return 'value' in parsed ? store(parsed.value) : Promise.reject(new Error(parsed.problem));
        }}
      />
      {peerServer && (
        <TextField
          label={text('settingsPeerServerKey')}
          hint={text('settingsPeerServerKeyHint', USUAL_KEY)}
          value={peerServer.key}
          isShort
          isDisabled={isManaged}
          check={(typed) => {
            const parsed = parsePeerServer(peerServerAddress(peerServer), typed);
            return 'problem' in parsed ? text(parsed.problem) : undefined;
          }}
          onSave={(typed) => store({ ...peerServer, key: typed })}
        />
      )}
    </section>
  );
}

function IceServers({ view: { policy, managed }, change }: PartProps) {
  const isManaged = managed.includes('iceServers');
  const isModeManaged = managed.includes('iceServersMode');
  const [drafts, setDrafts] = useState<number[]>([]);
  const { iceServers } = policy;

  /** Replaces `former` with `next`. Appends `next` if `former` is undefined or was changed elsewhere; removes if `next` is undefined. */
  function replace(former: OwnIceServer | undefined, next: OwnIceServer | undefined): Promise<void> {
    return change(({ iceServers: current }) => {
      const place = former ? current.findIndex((server) => isSame(server, former)) : -1;
      const changed = [...current];
      changed.splice(place < 0 ? current.length : place, 1, ...(next ? [next] : []));
      return { iceServers: changed };
    });
  }

  function endDraft(draft: number): void {
    setDrafts((current) => current.filter((other) => other !== draft));
  }

  return (
    <section class="group">
      <h3>{text('settingsIceServers')}</h3>
      <p class="hint">{text('settingsIceServersHint')}</p>
      {isManaged && <ManagedNote />}
      {iceServers.map((server, index) => (
        <IceServerCard
          key={index}
          number={index + 1}
          server={server}
          isDisabled={isManaged}
          onSave={(next) => replace(server, next)}
          remove={() => replace(server, undefined)}
        />
      ))}
      {drafts.map((draft, index) => (
        <IceServerCard
          key={`draft-${draft}`}
          number={iceServers.length + index + 1}
          isDisabled={false}
          onSave={async (next) => {
            await replace(undefined, next);
            endDraft(draft);
          }}
          remove={async () => endDraft(draft)}
        />
      ))}
      {!isManaged && (
        <div class="actions">
          <Button onClick={() => setDrafts((current) => [...current, (current.at(-1) ?? 0) + 1])}>
            {text('settingsIceAdd')}
          </Button>
        </div>
      )}
      <Choice
        label={text('settingsIceMode')}
        options={[
          { value: 'add', label: text('settingsIceModeAdd'), hint: text('settingsIceModeAddHint') },
          { value: 'replace', label: text('settingsIceModeReplace'), hint: text('settingsIceModeReplaceHint') },
        ]}
        value={policy.iceServersMode}
        isManaged={isModeManaged}
        onSave={(iceServersMode) => change({ iceServersMode })}
      />
    </section>
  );
}

function isSame(one: OwnIceServer, other: OwnIceServer): boolean {
  return (
    one.urls.join() === other.urls.join() && one.username === other.username && one.credential === other.credential
  );
}
