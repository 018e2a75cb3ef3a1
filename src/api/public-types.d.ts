// The types of `window.Peer` for page authors: what src/api puts on every page. Imports nothing, so that a package can publish the
// file as it is, together with public-globals.d.ts. Where PeerJS's types leave out `null` and `undefined`, so do these, and the comment
// says when the value is absent. test/unit/api/public-types.test.ts compares them with PeerJS's types and with the classes.
/* eslint-disable @typescript-eslint/no-explicit-any -- where PeerJS's types say `any`, and pages rely on it */
/* eslint-disable @typescript-eslint/unified-signatures -- each constructor has words of its own */

/** `window.peerjs`. */
export interface PeerJSGlobal {
  Peer: PeerConstructor;
  util: Util;
}

/** Makes Peers. A bad ID or a server that cannot be used throws nothing: the Peer emits `error` in a later task. */
export interface PeerConstructor {
  /** A Peer with the site's own ID, which is the same at each visit if the user keeps IDs for the site. */
  new (): Peer;
  /** @param options the server, and more */
  new (options: PeerOptions): Peer;
  /**
   * @param id The ID to register. It starts and ends with a letter or digit of ASCII; single spaces, dashes and underscores may
   *   stand between. Without it (or with an empty one) the Peer gets the site's own ID.
   * @param options the server, and more
   */
  new (id: string | null | undefined, options?: PeerOptions): Peer;
  readonly prototype: Peer;
}

/**
 * Which server a Peer registers with, and how its connections are made. The Peer registers with the server that was given to
 * its constructor, whatever `peer.options` become later.
 */
export interface PeerOptions {
  /**
   * What goes to the console. 0: nothing; 1: errors; 2: warnings, too; 3: everything. All Peers of a page
   * share the level, and the last Peer made sets it. Default: 0.
   */
  debug?: number;
  /** Host of the PeerServer. `/` means the page's own host. Default: `0.peerjs.com`. */
  host?: string;
  /** Port of the PeerServer, also as text. Default: 443. */
  port?: number | string;
  /** Path of the PeerServer. A missing slash at either end is added. Default: `/`. */
  path?: string;
  /** Key of the PeerServer. Default: `peerjs`. */
  key?: string;
  /**
   * The token by which the server knows this ID again. Used as given. Default: a token of the extension's, which no page sees;
   * `peer.options.token` is then not that token.
   */
  token?: string;
  /**
   * For the RTCPeerConnections. Read again for each connection. `certificates` is ignored for data connections and hosted calls.
   * In the extension's connections the user's own ICE servers come before these, or replace them. Default: `util.defaultConfig`.
   */
  config?: RTCConfiguration;
  /** True: TLS. Always true for `0.peerjs.com`. Default: whether the page itself has https. */
  secure?: boolean;
  /** Milliseconds between heartbeats to the server, at least 100 and less than 2³¹; anything else counts as 5000. Default: 5000. */
  pingInterval?: number;
  /** For the request of `listAllPeers()` alone, and read at each. Default: `strict-origin-when-cross-origin`. */
  referrerPolicy?: ReferrerPolicy;
  /**
   * Prints in the console's place. All Peers of a page share it, and the last Peer that gives one sets it.
   * @param logLevel 1: error; 2: warning; 3: anything else
   */
  logFunction?: (logLevel: LogLevel, ...rest: any[]) => void;
  /** The page's own serializers by name, for `connect({ serialization })`. Default: none. */
  serializers?: SerializerMapping;
}

export type LogLevel = 0 | 1 | 2 | 3;

/**
 * A page's own connection classes, such as PeerJS's MsgPack. Each makes its RTCPeerConnection in the page, and signals by
 * `peer.socket`.
 */
export type SerializerMapping = Record<string, new (peerId: string, provider: any, options: any) => object>;

/** Options of `peer.connect()`. */
export interface PeerConnectOption {
  /** Default: the `connectionId`. */
  label?: string;
  /** Reaches the remote peer as JSON. Default: none. */
  metadata?: any;
  /** A {@link SerializationType} or a name in the Peer's `serializers`. Default: `binary`. */
  serialization?: string;
  /** True: messages arrive in the order in which they were sent. Default: false. */
  reliable?: boolean;
  /** For the offer. Members that are no text, number or boolean are ignored. */
  constraints?: RTCOfferOptions;
  /** Changes the offer's SDP before it goes out. What it throws ends the connection with `negotiation-failed`. */
  sdpTransform?: (sdp: string) => string;
}

/** Options of `peer.call()`. */
export interface CallOption {
  /** Reaches the remote peer as JSON. Default: none. */
  metadata?: any;
  /** Not in PeerJS. Default: `hosted` in Chrome, `direct` in Firefox. The user's choice for the site stands above it. */
  route?: CallRoute;
  /** For the offer. Members that are no text, number or boolean are ignored on the hosted route. */
  constraints?: RTCOfferOptions;
  /** Changes the offer's SDP before it goes out. What it throws ends the call with `negotiation-failed`. */
  sdpTransform?: (sdp: string) => string;
}

/** Options of `call.answer()`. */
export interface AnswerOption {
  /** Not in PeerJS. Default: `hosted` in Chrome, `direct` in Firefox. The user's choice for the site stands above it. */
  route?: CallRoute;
  /** Changes the answer's SDP before it goes out. What it throws ends the call with `negotiation-failed`. */
  sdpTransform?: (sdp: string) => string;
}

/**
 * How the media of a call go. `hosted`: the extension owns the connection to the remote peer, and forwards the frames that the
 * page has encoded. `direct`: the page owns it, as in PeerJS.
 */
export type CallRoute = 'hosted' | 'direct';

export type ConnectionType = 'data' | 'media';

/** `binary-utf8` is the same as `binary`, and `none` the same as `raw`. `default` is `binary`. */
export type SerializationType = 'binary' | 'binary-utf8' | 'json' | 'raw' | 'none' | 'default';

/**
 * Why a Peer emits `error`. An error that ends the Peer destroys one that was never open; one that was open is disconnected and
 * keeps its connections.
 *
 * - `browser-incompatible`: the browser has no WebRTC. Ends the Peer.
 * - `disconnected`: the page connects or calls after `disconnect()`.
 * - `invalid-id`: the ID is none that PeerServer takes, or is too long. Ends the Peer.
 * - `invalid-key`: the server refuses the key. Ends the Peer.
 * - `limit-reached` (not in PeerJS): the site has as many Peers as it may, or starts them too fast, which ends the Peer; or a
 *   message of `peer.socket` or a connection of the page's own serializer is one too many.
 * - `network`: the server's socket is lost, or the extension is gone. Disconnects the Peer.
 * - `peer-unavailable`: nobody has the remote ID.
 * - `permission-denied` (not in PeerJS): the user or an administrator denies it, or the user was not asked. Ends the Peer. Where
 *   the user withdraws the permission, the Peer and all its connections end. A connection of the page's own serializer that the
 *   user does not allow, or that "relayed only" forbids, leaves the Peer as it is.
 * - `server-error`: the server cannot be reached for an ID, reports an error or refuses `listAllPeers()`, or an option names no
 *   usable server. Ends the Peer.
 * - `socket-error`: `peer.socket.send` gets a message without a `type`, which ends the Peer, or one beyond its bounds.
 * - `unavailable-id`: the ID is taken. Ends the Peer.
 * - `webrtc`: `config` is beyond its bounds, which ends the Peer; or the browser's WebRTC fails, or a remote peer's message is
 *   too long or too deep.
 * - `socket-closed`, `ssl-unavailable`: PeerJS's; they do not occur.
 */
export type PeerErrorType =
  | 'browser-incompatible'
  | 'disconnected'
  | 'invalid-id'
  | 'invalid-key'
  | 'limit-reached'
  | 'network'
  | 'peer-unavailable'
  | 'permission-denied'
  | 'server-error'
  | 'socket-closed'
  | 'socket-error'
  | 'ssl-unavailable'
  | 'unavailable-id'
  | 'webrtc';

/**
 * Why a connection or call emits `error`.
 *
 * - `negotiation-failed`: it is not established in time, its descriptions cannot be used, or ICE fails. Closes it.
 * - `connection-closed`: the remote peer breaks the chunk framing. Closes it.
 * - `peer-unavailable` (in PeerJS on the Peer alone): nobody has the remote ID. Closes it.
 * - `limit-reached` (not in PeerJS): the site has as many connections or as much waiting data as it may. Closes it.
 * - `permission-denied` (not in PeerJS): the user does not allow the site this kind of connection. Closes it.
 */
export type BaseConnectionErrorType =
  'negotiation-failed' | 'connection-closed' | 'peer-unavailable' | 'limit-reached' | 'permission-denied';

/**
 * Why a data connection emits `error`, beside {@link BaseConnectionErrorType}.
 *
 * - `not-open-yet`: `send()` before `open` or after `close`. The connection stays as it is.
 * - `message-too-big`: a message is larger than the connection or its port carries, or nested too deep. The connection stays,
 *   except in a page on the runtime port that sends more than 64 MiB at a time.
 */
export type DataConnectionErrorType = 'not-open-yet' | 'message-too-big';

/** What `error` events carry. Its `cause` is the native error, where there is one. */
export interface PeerError<Type extends string = string> extends Error {
  type: Type;
}

/** PeerJS's emitter, eventemitter3. `Events`: the listener of each event. */
export interface Emitter<Events extends object> {
  /** @param context the listener's `this`. Default: the emitter. */
  on<Name extends keyof Events>(event: Name, listener: Events[Name], context?: any): this;
  addListener<Name extends keyof Events>(event: Name, listener: Events[Name], context?: any): this;
  /** For the next event alone. */
  once<Name extends keyof Events>(event: Name, listener: Events[Name], context?: any): this;
  /** Removes all listeners of the event that match what is given. `once`: only those of `once()`. */
  off<Name extends keyof Events>(event: Name, listener?: Events[Name], context?: any, once?: boolean): this;
  removeListener<Name extends keyof Events>(event: Name, listener?: Events[Name], context?: any, once?: boolean): this;
  /** Removes the listeners of one event, or of all. */
  removeAllListeners(event?: keyof Events): this;
  /** The events that have listeners. */
  eventNames(): (keyof Events)[];
  listeners(event: keyof Events): ((...args: any[]) => void)[];
  listenerCount(event: keyof Events): number;
  /** Calls the listeners. Returns false if there are none. */
  emit(event: keyof Events, ...args: any[]): boolean;
}

export interface PeerEvents {
  /** The Peer is registered with the server, at first and after each `reconnect()`. */
  open: (id: string) => void;
  /**
   * A remote peer has opened a data connection, which emits `open` once it is established. Not in PeerJS: also for a connection
   * of the former page, where the user lets the site keep connections across reloads.
   */
  connection: (dataConnection: DataConnection) => void;
  /** A remote peer calls. */
  call: (mediaConnection: MediaConnection) => void;
  /** The Peer is destroyed. */
  close: () => void;
  /** The Peer has left the server; its connections go on. `currentId`: the ID that it had; null if it had none. */
  disconnected: (currentId: string) => void;
  error: (error: PeerError<PeerErrorType>) => void;
}

/** A member of the network: registers with a PeerServer, and connects to remote peers. */
export interface Peer extends Emitter<PeerEvents> {
  /** The ID. Without one in the constructor, null until `open`. Null after `disconnect()`. */
  readonly id: string;
  /** The options with their defaults. A live object, whose `config` each later connection reads. */
  readonly options: PeerOptions;
  /** True while the Peer is registered with the server. */
  readonly open: boolean;
  /** True after `disconnect()`, `destroy()` or the loss of the server, until `reconnect()`. */
  readonly disconnected: boolean;
  /** True once the Peer has ended for good. */
  readonly destroyed: boolean;
  /**
   * The connections and calls by remote ID: a new object at each read, with live arrays. An array whose connections have all
   * ended may stay, empty.
   */
  readonly connections: Record<string, (DataConnection | MediaConnection)[]>;
  /** The way to the PeerServer, for the page's own serializers. */
  readonly socket: PeerSocket;
  /**
   * Opens a data connection. Before `open`, too: the offer waits for the server. Throws TypeError for an unknown `serialization`,
   * and RTCPeerConnection's error for a bad `config`. After `disconnect()`, emits `error` of type `disconnected` and returns
   * undefined.
   */
  connect(peer: string, options?: PeerConnectOption): DataConnection;
  /**
   * Calls. Before `open`, too. Throws RTCPeerConnection's error for a bad `config`. After `disconnect()`, emits `error` of type
   * `disconnected` and returns undefined. Returns undefined without a stream, too.
   */
  call(peer: string, stream: MediaStream, options?: CallOption): MediaConnection;
  /** The connection or call with this remote peer and `connectionId`. Null if there is none. */
  getConnection(peerId: string, connectionId: string): DataConnection | MediaConnection | null;
  /**
   * Asks the server for the IDs that it knows. The server must allow it: a refusal, like an error that `callback` throws, emits
   * `error` of type `server-error` and ends the Peer.
   * @param callback gets the server's answer, unchecked
   */
  listAllPeers(callback?: (peerIds: any[]) => void): void;
  /** Leaves the server and keeps the connections. Emits `disconnected`. Does nothing if the Peer has left already. */
  disconnect(): void;
  /** Registers again under the last ID. Throws if the Peer is destroyed or open. Does nothing while the Peer is connecting. */
  reconnect(): void;
  /** Leaves the server and closes all connections, for good. Emits `close`. Does nothing at the second time. */
  destroy(): void;
}

export interface PeerSocketEvents {
  /** A message of the server, parsed. */
  message: (message: any) => void;
  /** `send` got a message without a `type`. */
  error: (error: any) => void;
  /** The server or the extension is lost. */
  disconnected: () => void;
}

/** PeerJS's socket as far as its connection classes need it. The socket itself is the extension's. */
export interface PeerSocket extends Emitter<PeerSocketEvents> {
  /**
   * Sends to the server, before `open`, too. `payload` goes as JSON, and what JSON.stringify throws, this throws. A message without
   * a `type` emits `error`, which ends the Peer.
   */
  send(data: any): void;
  /** Leaves the server without an event. */
  close(): void;
}

export interface BaseConnectionEvents<Type extends string = BaseConnectionErrorType> {
  /** Either end has closed the connection, which had been open. */
  close: () => void;
  error: (error: PeerError<Type>) => void;
  /** The ICE state of the connection to the remote peer. `closed` in place of `failed`, as in PeerJS. */
  iceStateChanged: (state: RTCIceConnectionState) => void;
}

export interface DataConnectionEvents extends BaseConnectionEvents<BaseConnectionErrorType | DataConnectionErrorType> {
  /**
   * A message has come. With `binary`, bytes come as Uint8Array if they were split into chunks, else as ArrayBuffer, as in PeerJS.
   */
  data: (data: unknown) => void;
  /** The connection is established: `send()` may be called. */
  open: () => void;
}

export interface MediaConnectionEvents extends BaseConnectionEvents {
  /** The remote peer's stream is here. Comes once for each track, so often twice with the same stream, as in PeerJS. */
  stream: (stream: MediaStream) => void;
  /** From now on the remote peer learns of a `close()`. */
  willCloseOnRemote: () => void;
}

/** What data connections and calls share. */
export interface BaseConnection<Events extends object> extends Emitter<Events> {
  readonly type: ConnectionType;
  /** The remote peer's ID. */
  readonly peer: string;
  /** The Peer. Null after the end. */
  provider: Peer;
  /** The same at both ends. */
  connectionId: string;
  /** What the end that connected has given; from a remote peer, as JSON carries it. */
  readonly metadata: any;
  /** The options that the connection was made with. */
  readonly options: any;
  /** True from `open` (of a call: from the answer) to the end. */
  readonly open: boolean;
}

/** A connection that carries data. */
export interface DataConnection extends BaseConnection<DataConnectionEvents> {
  readonly type: 'data';
  label: string;
  /** As offers name it: `binary`, `json` or `raw`, or the name of the page's own serializer. */
  readonly serialization: string;
  /** True: messages arrive in the order in which they were sent. */
  readonly reliable: boolean;
  /** The number of messages that wait in the page. */
  readonly bufferSize: number;
  /** Mirrors the state of the extension's RTCPeerConnection. Null after the end. */
  peerConnection: MirroredPeerConnection;
  /**
   * Mirrors the extension's RTCDataChannel; `instanceof RTCDataChannel` is false. Fires `message` for `raw` connections only, and
   * `binaryType` has no effect. Undefined before an incoming connection is open, null after the end.
   */
  dataChannel: RTCDataChannel;
  /**
   * Sends a message. Throws at once for a value that the serialization cannot carry. Before `open` and after `close`, emits `error`
   * of type `not-open-yet`, and rejects.
   * @param chunked PeerJS's; has no effect
   * @returns (not in PeerJS) A promise that resolves when the extension has taken the message, so a page that awaits it sends as
   *   fast as the network takes data. It rejects with a {@link PeerError} or, for a Blob that cannot be read, the browser's error.
   *   A page may ignore it: it causes no `unhandledrejection`.
   */
  send(data: any, chunked?: boolean): Promise<void>;
  /** Closes the connection at both ends. `flush`: asks the remote peer to close it after what was sent before. */
  close(options?: { flush?: boolean }): void;
}

/** A call: a connection that carries a media stream each way. */
export interface MediaConnection extends BaseConnection<MediaConnectionEvents> {
  readonly type: 'media';
  /** Always undefined: only data connections have one, as in PeerJS. */
  readonly label: string;
  /** What this page sends. Undefined if nothing, null after the end. */
  readonly localStream: MediaStream;
  /** What the remote peer sends. Undefined before `stream`, null after the end. */
  readonly remoteStream: MediaStream;
  /**
   * Not in PeerJS: the route that the media take. Undefined before the answer and after the end. A call that the page makes has the
   * route that it asks for (`hosted`, if none) until the extension says otherwise.
   */
  readonly route: CallRoute | undefined;
  /**
   * On the direct route, the page's own. On the hosted route, the page's end of the connection to the extension: its senders are
   * real, and its states and descriptions are those of the connection to the remote peer. Undefined before the answer, null after
   * the end.
   */
  peerConnection: RTCPeerConnection;
  /**
   * Tells the remote peer of the end. On the hosted route it mirrors the extension's, and its `send` throws NotSupportedError.
   * Of a remote peer's call, undefined until its channel is there.
   */
  dataChannel: RTCDataChannel;
  /** Answers a remote peer's call, with or without a stream. Does nothing at the second time, and after the end. */
  answer(stream?: MediaStream, options?: AnswerOption): void;
  /** Not in PeerJS: the statistics of the connection to the remote peer, on either route. Empty after the end of a hosted call. */
  getStats(): Promise<RTCStatsReport>;
  /** Ends the call at both ends. */
  close(): void;
}

/** An RTCPeerConnection of the extension as the page sees it, without what would change it. */
export interface MirroredPeerConnection extends EventTarget {
  readonly connectionState: RTCPeerConnectionState;
  readonly iceConnectionState: RTCIceConnectionState;
  readonly iceGatheringState: RTCIceGatheringState;
  readonly signalingState: RTCSignalingState;
  readonly localDescription: RTCSessionDescriptionInit | null;
  readonly remoteDescription: RTCSessionDescriptionInit | null;
  onconnectionstatechange: ((event: Event) => unknown) | null;
  oniceconnectionstatechange: ((event: Event) => unknown) | null;
  onicegatheringstatechange: ((event: Event) => unknown) | null;
  onsignalingstatechange: ((event: Event) => unknown) | null;
  /** The statistics of the connection to the remote peer, without the `url` of ICE servers. Empty after the end. */
  getStats(): Promise<RTCStatsReport>;
  /** The Peer's `config`. */
  getConfiguration(): RTCConfiguration;
  /** Empty: a data connection carries no media. */
  getSenders(): RTCRtpSender[];
  /** Empty: a data connection carries no media. */
  getReceivers(): RTCRtpReceiver[];
  /** Empty: a data connection carries no media. */
  getTransceivers(): RTCRtpTransceiver[];
  /** Closes the data connection. */
  close(): void;
}

/** PeerJS's helpers. */
export interface Util {
  readonly CLOUD_HOST: '0.peerjs.com';
  readonly CLOUD_PORT: 443;
  readonly chunkedBrowsers: { Chrome: number; chrome: number };
  /** Bytes of a chunk: larger `binary` messages are split. */
  readonly chunkedMTU: 16300;
  /** The default of the option `config`: one object, which all Peers of the page share and the page may change. */
  readonly defaultConfig: RTCConfiguration & { sdpSemantics?: string };
  /** `chrome` or `firefox`. */
  readonly browser: string;
  /** The major version. 0 if the browser does not say it. */
  readonly browserVersion: number;
  /** All true: Peerport's browsers support everything. */
  readonly supports: UtilSupportsObj;
  /** BinaryPack. A promise if the value holds a Blob. Throws for a value that BinaryPack cannot carry. */
  pack(data: any): ArrayBuffer | Promise<ArrayBuffer>;
  /** Reads one value of BinaryPack. */
  unpack(data: ArrayBuffer | Uint8Array<ArrayBuffer>): any;
  /** Splits a message into PeerJS's chunks. */
  chunk(blob: ArrayBuffer): { __peerData: number; n: number; total: number; data: ArrayBuffer }[];
  /** True for an ID that PeerServer accepts, and for an absent or empty ID. */
  validateId(id: string): boolean;
  /** Some letters and digits at random: good for names, not for secrets. */
  randomToken(): string;
  blobToArrayBuffer(blob: Blob, callback: (result: ArrayBuffer) => void): FileReader;
  /** One byte of each character: its code's low eight bits. */
  binaryStringToArrayBuffer(binary: string): ArrayBuffer;
  /** True if the page has https. */
  isSecure(): boolean;
  /** Does nothing. */
  noop(): void;
}

export interface UtilSupportsObj {
  browser: boolean;
  webRTC: boolean;
  audioVideo: boolean;
  data: boolean;
  binaryBlob: boolean;
  reliable: boolean;
}
