// Writes everything into the page. It knows nothing of peers, and inserts text from the other side only as text, never as HTML.
import { formatBytes, formatMs, formatSpeed } from './format.js';
import { hoistFlags } from './flags.js';

export const find = (id) => document.getElementById(id);

const STATUS = {
  starting: 'Registering with the PeerServer',
  ready: 'Ready for a connection',
  connecting: 'Connecting',
  connected: 'Connected',
  shaky: 'The network wavers',
  lost: 'Connection lost',
  denied: 'Not allowed',
  offline: 'No PeerServer',
  missing: 'No Peer on this page',
};

/** Shows the state of the connection. @param {keyof typeof STATUS} state */
export function showConnection(state) {
  document.body.dataset.link = state;
  find('status').textContent = STATUS[state];
  const isConnected = state === 'connected' || state === 'shaky';
  const canConnect = state === 'ready' || state === 'lost';
  find('connect').querySelector('button').disabled = !canConnect;
  find('composer').querySelector('button').disabled = !isConnected;
  find('file').disabled = !isConnected;
  find('disconnect').textContent = state === 'connecting' ? 'Cancel' : 'Disconnect';
  find('call').disabled = !isConnected;
}

export function showServer(text) {
  find('server').textContent = text;
}

export function showOwnId(id) {
  find('own-id').textContent = id ?? '…';
  for (const button of ['copy-id', 'copy-link']) find(button).disabled = !id;
  hoistFlags(find('own-flags'), id);
}

/** Shows the other side's ID, or the form that asks for one. */
export function showRemote(id) {
  find('connect').hidden = Boolean(id);
  find('remote').hidden = !id;
  find('remote-shown').textContent = id ?? '';
  hoistFlags(find('remote-flags'), id);
  document.title = id ? `${id.slice(0, 8)} – Peerport demo` : 'Peerport demo';
}

export function showFigure(name, ms) {
  const figures = find('figures');
  figures.dataset[name] = `${name} in ${formatMs(ms)}`;
  figures.textContent = Object.values(figures.dataset).join(' · ');
}

/** Shows a notice above the cards, with one button. */
export function showNotice(title, text, label, action) {
  find('notice-title').textContent = title;
  find('notice-text').textContent = text;
  const button = find('notice-action');
  button.textContent = label ?? 'Close';
  button.onclick = () => {
    hideNotice();
    action?.();
  };
  find('notice').hidden = false;
}

export function hideNotice() {
  find('notice').hidden = true;
}

/** @returns {{ delivered(ms: number): void }} */
export function addMessage(text, isMine) {
  const item = fromTemplate('message-template');
  const now = new Date();
  item.classList.add(isMine ? 'mine' : 'theirs');
  item.querySelector('.text').textContent = text;
  item.querySelector('time').textContent = now.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  item.querySelector('time').dateTime = now.toISOString();
  const messages = find('messages');
  messages.append(item);
  messages.scrollTop = messages.scrollHeight;
  return {
    delivered(ms) {
      item.querySelector('.delivery').textContent = `· delivered, ${formatMs(ms)} there and back`;
    },
  };
}

/** Adds a line to the chat that is not a message. */
export function addEvent(text) {
  const item = document.createElement('li');
  item.className = 'event';
  item.textContent = text;
  const messages = find('messages');
  messages.append(item);
  messages.scrollTop = messages.scrollHeight;
}

/** The card of a file that is sent or received, and the progress on the line at the top of the page. */
export class TransferCard {
  #item = fromTemplate('transfer-template');
  #name;
  #size;
  #startedAt = performance.now();

  constructor(name, size, isMine) {
    this.#name = name;
    this.#size = size;
    this.#item.classList.add(isMine ? 'outgoing' : 'incoming');
    this.#part('.name').textContent = name;
    this.#part('progress').setAttribute('aria-label', `${isMine ? 'Sending' : 'Receiving'} ${name}`);
    this.#state('running', isMine ? 'Sending' : 'Receiving');
    this.progress(0);
    document.body.dataset.cargo = isMine ? 'outgoing' : 'incoming';
    find('transfers').prepend(this.#item);
  }

  progress(bytes) {
    const share = this.#size > 0 ? bytes / this.#size : 1;
    const elapsed = performance.now() - this.#startedAt;
    this.#part('progress').value = share;
    this.#part('.amount').textContent = `${formatBytes(bytes)} of ${formatBytes(this.#size)}`;
    this.#part('.speed').textContent = formatSpeed(bytes, elapsed);
    document.body.style.setProperty('--cargo', String(share * 100));
  }

  /** All bytes have been sent or received; hashing follows. */
  checking() {
    this.progress(this.#size);
    // Recorded in the browser's performance timeline for tools.
    const { duration } = performance.measure(this.#name, { start: this.#startedAt });
    this.#part('.speed').textContent = `${formatSpeed(this.#size, duration)} in ${formatMs(duration)}`;
    this.#state('checking', 'Checking');
    delete document.body.dataset.cargo;
  }

  hash(which, value) {
    this.#part('.hashes').hidden = false;
    const groups = value.match(/.{1,8}/g) ?? [];
    this.#part(`.hash-${which} dd`).replaceChildren(
      ...groups.map((digits) => Object.assign(document.createElement('span'), { textContent: digits })),
    );
  }

  verified(isSame) {
    if (isSame) this.#state('verified', 'Verified');
    else this.#state('failed', 'Hashes differ');
  }

  failed(message) {
    this.#state('failed', 'Failed');
    this.#part('.speed').textContent = message;
    delete document.body.dataset.cargo;
  }

  offer(blob, name) {
    const link = this.#part('.save');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.hidden = false;
  }

  #state(state, text) {
    this.#item.dataset.state = state;
    this.#part('.badge').textContent = text;
  }

  #part(selector) {
    return this.#item.querySelector(selector);
  }
}

function fromTemplate(id) {
  return find(id).content.firstElementChild.cloneNode(true);
}
