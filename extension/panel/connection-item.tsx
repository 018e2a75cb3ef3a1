// One connection: its remote peer, kind, state and traffic.
import { Fragment } from 'preact';
import { useRef } from 'preact/hooks';
import type { LiveConnection } from '../../src/protocol/live-messages';
import { text, type TextKey } from '../platform/i18n';
import { formatBytes, formatDuration, formatMilliseconds, formatRate } from './format';
import { Icon } from './icons';
import { Sparkline } from './sparkline';
import { currentRate, type Rates, type Traffic } from './traffic-history';
import { useFocusKeeper } from './use-focus-keeper';

const KINDS: Record<LiveConnection['kind'], TextKey> = {
  data: 'panelKindData',
  voice: 'panelKindVoice',
  video: 'panelKindVideo',
  screen: 'panelKindScreen',
};

const STATES: Record<LiveConnection['state'], TextKey> = {
  ringing: 'panelRinging',
  connecting: 'panelConnecting',
  open: 'panelConnected',
  disconnected: 'panelInterrupted',
  answered: 'panelAnswered',
  closing: 'panelClosing',
};

export interface ConnectionItemProps {
  connection: LiveConnection;
  traffic: Traffic;
  onClose: () => void;
}

export function ConnectionItem({ connection, traffic, onClose }: ConnectionItemProps) {
  const item = useRef<HTMLLIElement>(null);
  useFocusKeeper(item);
  const { remotePeerId, kind, label, route, state, bytesReceived, bytesSent } = connection;
  const peak = Math.max(...traffic.received, ...traffic.sent);
  return (
    <li ref={item} class="connection">
      <div class="connection-head">
        <Icon name={kind} />
        <div class="connection-name">
          <bdi class="mono">{remotePeerId}</bdi>
          <p class="quiet">
            {text(KINDS[kind])}
            {label !== undefined && (
              <>
                {' · '}
                <bdi class="label">{label}</bdi>
              </>
            )}
          </p>
        </div>
        <button
          type="button"
          class="icon-button"
          title={text('panelClose')}
          aria-label={text('panelCloseOf', remotePeerId)}
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </div>
      <p class={`facts state-${state}`}>
        <span class="dot" aria-hidden="true" />
        <span>
          {factsOf(connection).map((fact, index) => (
            <Fragment key={index}>
              {index > 0 && ' · '}
              <bdi>{fact}</bdi>
            </Fragment>
          ))}
        </span>
      </p>
      {route === 'direct' ? (
        <p class="quiet">{text(pageOwnedText(connection))}</p>
      ) : (
        <dl class="traffic">
          <Direction name="received" rates={traffic.received} bytes={bytesReceived} peak={peak} />
          <Direction name="sent" rates={traffic.sent} bytes={bytesSent} peak={peak} />
        </dl>
      )}
    </li>
  );
}

interface DirectionProps {
  name: 'received' | 'sent';
  rates: Rates;
  bytes: number;
  peak: number;
}

function Direction({ name, rates, bytes, peak }: DirectionProps) {
  return (
    <div class={`way ${name}`}>
      <dt>
        <span aria-hidden="true">{name === 'received' ? '↓' : '↑'}</span>
        <span class="unseen">{text(name === 'received' ? 'panelReceived' : 'panelSent')}</span>
      </dt>
      <dd class="rate">
        <bdi>{formatRate(currentRate(rates))}</bdi>
      </dd>
      <dd class="curve">
        <Sparkline rates={rates} peak={peak} />
      </dd>
      <dd class="total">
        <bdi>{formatBytes(bytes)}</bdi>
      </dd>
    </div>
  );
}

function pageOwnedText({ kind, state }: LiveConnection): TextKey {
  if (state === 'closing') return 'panelClosedByPage';
  return kind === 'data' ? 'panelDataHeldByPage' : 'panelHeldByPage';
}

function factsOf({ state, age, path, roundTrip }: LiveConnection): string[] {
  return [
    text(STATES[state]),
    formatDuration(age),
    ...(path === undefined ? [] : [text(path === 'relayed' ? 'panelRelayed' : 'panelDirect')]),
    ...(roundTrip === undefined ? [] : [formatMilliseconds(roundTrip)]),
  ];
}
