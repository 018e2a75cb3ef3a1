// The demo: the same page at both ends. It registers a Peer, connects to another one, and chats, sends files and calls. It uses only
// the public PeerJS API, so it runs with Peerport and with peerjs.min.js.
import { VideoCalls } from './call.js';
import { loadLibrary, loadSettings } from './settings.js';
import { IncomingFile, MAX_FILE_BYTES, sendFile } from './transfer.js';
import {
  addMessage,
  find,
  hideNotice,
  showFigure,
  showConnection,
  showNotice,
  showOwnId,
  showRemote,
  showServer,
  TransferCard,
} from './view.js';

let peer;
/** The connection that the page shows. All others are refused or closing. */
let conn;

/** Messages without a receipt so far: ID to { at, entry }. */
const undelivered = new Map();
/** Sent files that are not confirmed yet: ID to { card, hash }. */
const outgoing = new Map();
/** Files being received: ID to { card, file }. */
const incoming = new Map();
/** Sends files one after the other. */
let queue = Promise.resolve();

const calls = new VideoCalls((message) => {
  if (conn?.open) conn.send(message);
});

const settings = await loadSettings();
if (!globalThis.Peer && settings.library) await loadLibrary(settings.library);
if (globalThis.Peer) start();
else explainMissingPeer();

// ---------------------------------------------------------------- the Peer

function start() {
  showConnection('starting');
  showOwnId(undefined);
  const startedAt = performance.now();
  peer = new Peer(settings.peer);
  showServer(`PeerServer ${peer.options.host}:${peer.options.port}`);

  peer.on('open', (id) => {
    measure('registered', startedAt);
    showOwnId(id);
    if (!conn?.open) showConnection('ready');
    const wanted = new URLSearchParams(location.hash.slice(1)).get('peer');
    if (wanted && wanted !== id && !conn) connectTo(wanted);
  });
  peer.on('connection', accept);
  peer.on('call', (call) => {
    // A caller has to connect before it calls.
    if (conn?.open && conn.peer === call.peer) calls.ring(call, peer.id);
    else call.close();
  });
  peer.on('error', explain);
}

/** Explains an error of the Peer, and offers what the user can do about it. */
function explain(error) {
  const again = () => (peer.destroyed ? start() : peer.reconnect());
  switch (error.type) {
    case 'permission-denied':
      showConnection('denied');
      showNotice('This page may not connect.', error.message, 'Ask again', again);
      break;
    case 'peer-unavailable':
      if (calls.handleUnavailable()) break;
      drop('ready');
      showNotice('Nobody there.', 'No page with this ID is online. Check the ID, or ask for a fresh link.');
      break;
    case 'webrtc':
    case 'disconnected':
      showNotice('That did not work.', error.message);
      break;
    default:
      if (!conn?.open) showConnection('offline');
      showNotice('The PeerServer is out of reach.', error.message, 'Try again', again);
  }
}

function explainMissingPeer() {
  showConnection('missing');
  showNotice('No Peer here.', 'Install the Peerport extension, then load this page again.', 'Load again', () =>
    location.reload(),
  );
}

// ---------------------------------------------------------------- the connection

function connectTo(id) {
  hideNotice();
  if (id === peer.id) {
    showNotice('That is your own ID.', 'Open this page in another browser and use the ID it shows.');
    return;
  }
  adopt(peer.connect(id, { reliable: true }));
}

function accept(newcomer) {
  if (conn?.open && conn.peer !== newcomer.peer) {
    newcomer.on('open', () => {
      newcomer.send({ kind: 'busy' });
      newcomer.close({ flush: true });
    });
    return;
  }
  // Both sides connected at the same time: both keep the connection that the smaller ID opened.
  if (conn && !conn.open && conn.peer === newcomer.peer && peer.id < newcomer.peer) return;
  adopt(newcomer);
}

function adopt(connection) {
  if (!connection) return;
  const previous = conn;
  conn = connection;
  previous?.close();
  const startedAt = performance.now();
  showConnection('connecting');
  showRemote(connection.peer);

  // Ignores events of a connection that the page no longer shows.
  const whileShown = (handle) => (value) => connection === conn && handle(value);
  connection.on(
    'open',
    whileShown(() => {
      measure('connected', startedAt);
      hideNotice();
      showConnection('connected');
    }),
  );
  connection.on('data', whileShown(receive));
  connection.on(
    'iceStateChanged',
    whileShown((state) => {
      if (connection.open) showConnection(state === 'disconnected' ? 'shaky' : 'connected');
    }),
  );
  connection.on(
    'error',
    whileShown((error) => {
      drop('lost');
      showNotice('The connection failed.', error.message, 'Try again', () => connectTo(connection.peer));
    }),
  );
  connection.on(
    'close',
    whileShown(() => {
      drop('lost');
      showNotice('The other side is gone.', 'It hung up, or its page was closed.', 'Connect again', () =>
        connectTo(connection.peer),
      );
    }),
  );
}

/** Closes the connection, and shows `state` in its place. Files and messages under way on it fail. */
function drop(state) {
  calls.hangUp();
  const dropped = conn;
  conn = undefined;
  dropped?.close();
  for (const { card } of [...incoming.values(), ...outgoing.values()]) card.failed('The connection was lost.');
  incoming.clear();
  outgoing.clear();
  undelivered.clear();
  showRemote(undefined);
  if (dropped) find('remote-id').value = dropped.peer;
  showConnection(peer.open ? state : 'offline');
}

/** Handles a message of the other side by its `kind`. Its contents are untrusted. */
function receive(message) {
  switch (message?.kind) {
    case 'chat':
      addMessage(String(message.text), false);
      conn.send({ kind: 'seen', id: message.id });
      break;
    case 'seen': {
      const sent = undelivered.get(message.id);
      undelivered.delete(message.id);
      sent?.entry.delivered(performance.now() - sent.at);
      break;
    }
    case 'call':
      calls.handleWord(message);
      break;
    case 'busy':
      drop('ready');
      showNotice('Busy.', 'The other side is talking to somebody else.');
      break;
    case 'file':
      beginFile(message);
      break;
    case 'piece':
      addPiece(message);
      break;
    case 'end':
      void finishFile(message, conn);
      break;
    case 'received':
      void confirmFile(message);
      break;
  }
}

// ---------------------------------------------------------------- chat

function say(text) {
  const id = crypto.randomUUID();
  const entry = addMessage(text, true);
  undelivered.set(id, { at: performance.now(), entry });
  conn.send({ kind: 'chat', id, text });
}

// ---------------------------------------------------------------- files

function offerFiles(files) {
  for (const file of files) queue = queue.then(() => offerFile(file));
}

async function offerFile(file) {
  if (!conn?.open) return;
  const card = new TransferCard(file.name, file.size, true);
  if (file.size > MAX_FILE_BYTES) {
    card.failed('Too large: this page sends up to 1 GB.');
    return;
  }
  const id = crypto.randomUUID();
  const hash = sendFile(conn, id, file, (bytes) => card.progress(bytes));
  outgoing.set(id, { card, hash });
  try {
    card.hash('sent', await hash);
    card.checking();
  } catch (error) {
    outgoing.delete(id);
    card.failed(error.message);
  }
}

/** Handles the receiver's hash of the file: equal hashes mean that the file arrived unchanged. */
async function confirmFile({ id, sha256 }) {
  const sent = outgoing.get(id);
  if (!sent) return;
  outgoing.delete(id);
  sent.card.hash('received', String(sha256));
  sent.card.verified((await sent.hash) === sha256);
}

function beginFile(message) {
  const card = new TransferCard(String(message.name), message.size, false);
  try {
    incoming.set(message.id, { card, file: new IncomingFile(message) });
  } catch (error) {
    card.failed(error.message);
  }
}

function addPiece({ id, bytes }) {
  const { card, file } = incoming.get(id) ?? {};
  if (!file) return;
  try {
    file.add(bytes);
    card.progress(file.received);
  } catch (error) {
    incoming.delete(id);
    card.failed(error.message);
  }
}

async function finishFile({ id, sha256 }, connection) {
  const { card, file } = incoming.get(id) ?? {};
  if (!file) return;
  incoming.delete(id);
  card.checking();
  card.hash('sent', String(sha256));
  const result = await file.finish();
  card.hash('received', result.sha256);
  card.verified(result.sha256 === sha256);
  card.offer(result.blob, file.name);
  connection.send({ kind: 'received', id, sha256: result.sha256 });
}

// ---------------------------------------------------------------- user actions

find('connect').addEventListener('submit', (event) => {
  event.preventDefault();
  connectTo(find('remote-id').value.trim());
});

find('disconnect').addEventListener('click', () => drop('ready'));

find('call').addEventListener('click', () => calls.place(peer, conn.peer));
find('answer').addEventListener('click', () => calls.answer());
find('decline').addEventListener('click', () => calls.decline());
find('microphone').addEventListener('click', () => calls.toggleMicrophone());
find('camera').addEventListener('click', () => calls.toggleCamera());
find('screen').addEventListener('click', () => calls.toggleScreen());
find('hang-up').addEventListener('click', () => calls.hangUp());

find('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = find('message').value.trim();
  if (text && conn?.open) say(text);
  event.target.reset();
});

find('file').addEventListener('change', (event) => {
  offerFiles([...event.target.files]);
  // Without this, choosing the same file again would emit no event.
  event.target.value = '';
});

find('drop').addEventListener('dragover', (event) => {
  if (!conn?.open) return;
  event.preventDefault();
  find('drop').classList.add('over');
});
find('drop').addEventListener('dragleave', () => find('drop').classList.remove('over'));
find('drop').addEventListener('drop', (event) => {
  event.preventDefault();
  find('drop').classList.remove('over');
  offerFiles([...event.dataTransfer.files]);
});

find('copy-id').addEventListener('click', (event) => copy(peer.id, event.target));
find('copy-link').addEventListener('click', (event) => {
  const link = new URL(location.href);
  link.hash = `peer=${encodeURIComponent(peer.id)}`;
  void copy(link.href, event.target);
});

async function copy(text, button) {
  const label = (button.dataset.label ??= button.textContent);
  await navigator.clipboard.writeText(text);
  button.textContent = 'Copied';
  button.addEventListener('blur', () => (button.textContent = label), { once: true });
}

/** Shows a duration on the page, and records it in the browser's performance timeline for tools. */
function measure(name, startedAt) {
  const { duration } = performance.measure(name, { start: startedAt });
  showFigure(name, duration);
}
