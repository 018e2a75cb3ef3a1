import '../../support/fakes/page-globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type EventEmitter from 'eventemitter3';
import type * as Theirs from 'peerjs';
import {
  createProgram,
  flattenDiagnosticMessageText,
  ModuleResolutionKind,
  ModuleKind,
  ScriptTarget,
} from 'typescript';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { AnswerOptions, CallOptions, MediaConnection } from '../../../src/api/calls/media-connection';
import type { BaseConnection, ConnectionProvider } from '../../../src/api/connection/base-connection';
import type { PeerError } from '../../../src/api/connection/peer-error';
import type { DataConnection, DataConnectionOptions } from '../../../src/api/data/data-connection';
import { DataChannelFacade } from '../../../src/api/facades/data-channel-facade';
import { PeerConnectionFacade } from '../../../src/api/facades/peer-connection-facade';
import type { SocketFacade } from '../../../src/api/facades/socket-facade';
import type { PeerBase } from '../../../src/api/peer';
import type { PeerOptions } from '../../../src/api/peer-options';
import type * as Ours from '../../../src/api/public-types';
import type { util } from '../../../src/api/util';
import type { ConnectionErrorType, PeerErrorType } from '../../../src/protocol/errors';
import type { CallRoute } from '../../../src/protocol/page-messages';

const path = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

/** For the types of their generic methods. */
declare const _peer: Theirs.Peer;
declare const _data: Theirs.DataConnection;
declare const _call: Theirs.MediaConnection;

/** True for the same type only: all types of options without required members are assignable to each other. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- TypeScript compares the two functions
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** `T` with our interfaces in place of PeerJS's classes (which are assignable to nothing else) and of ours; enums by value. */
type Translated<T> = 0 extends 1 & T
  ? T
  : T extends Theirs.DataConnection | DataConnection
    ? Ours.DataConnection
    : T extends Theirs.MediaConnection | MediaConnection
      ? Ours.MediaConnection
      : T extends BaseConnection
        ? Ours.DataConnection | Ours.MediaConnection
        : T extends Theirs.Peer | ConnectionProvider
          ? Ours.Peer
          : T extends SocketFacade
            ? Ours.PeerSocket
            : T extends DataChannelFacade
              ? RTCDataChannel
              : T extends PeerConnectionFacade
                ? Ours.MirroredPeerConnection
                : T extends string
                  ? `${T}`
                  : T extends (...args: infer Args) => infer Result
                    ? (...args: { [Index in keyof Args]: Translated<Args[Index]> }) => Translated<Result>
                    : true extends Same<T, Theirs.PeerConnectOption> | Same<T, DataConnectionOptions>
                      ? Ours.PeerConnectOption
                      : true extends Same<T, Theirs.CallOption> | Same<T, CallOptions>
                        ? Ours.CallOption
                        : true extends Same<T, Theirs.AnswerOption> | Same<T, AnswerOptions>
                          ? Ours.AnswerOption
                          : T extends Record<string, BaseConnection[]>
                            ? Record<string, (Ours.DataConnection | Ours.MediaConnection)[]>
                            : T;

/** The arguments of each overload of a constructor, of which TypeScript's ConstructorParameters gives the last alone. */
type ConstructorCalls<T> = T extends {
  new (...args: infer First): unknown;
  new (...args: infer Second): unknown;
  new (...args: infer Third): unknown;
}
  ? [First, Second, Third]
  : never;

/** The names of those members that `Given` lacks, or that are not assignable to `Wanted`'s. */
type Misfits<Given, Wanted> = {
  [Name in keyof Wanted]-?: Name extends keyof Given
    ? 0 extends 1 & Given[Name]
      ? never
      : Translated<Given[Name]> extends Translated<Wanted[Name]>
        ? never
        : Name
    : Name;
}[keyof Wanted];

/** `T` as PeerJS's types see it: without the null and undefined that members and methods may give. */
type Present<T> = {
  [Name in keyof T]: T[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => NonNullable<Result>
    : NonNullable<T[Name]>;
};

/** The names of a class's members that are not the emitter's. Symbols are ours, and no page has them. */
type Shown<T> = Exclude<Extract<keyof T, string>, keyof Ours.Emitter<object>>;

/** Members that are internal by name, and that pages read or PeerJS's classes call. */
type PeerInternals =
  | '_connections'
  | '_destroyed'
  | '_disconnected'
  | '_getMessages'
  | '_id'
  | '_lastServerId'
  | '_open'
  | '_options'
  | '_removeConnection'
  | '_serializers'
  | '_socket';

/** The emitter's methods are generic: their events are compared instead. `emitError` is internal in PeerJS. */
type Members<T> = Omit<T, keyof Ours.Emitter<object> | 'emitError'>;

describe('the public types beside PeerJS’s', () => {
  it('have every member of Peer', () => {
    // `_getMessages`, `_removeConnection`: internal. `socket`: compared below.
    type Exceptions = '_getMessages' | '_removeConnection' | 'socket' | 'options';
    expectTypeOf<Misfits<Ours.Peer, Members<Theirs.Peer>>>().toEqualTypeOf<Exceptions>();
    // `port`: also text. `serializers`: a page's own need not be PeerJS's classes.
    expectTypeOf<Misfits<Ours.PeerOptions, Theirs.PeerOptions>>().toEqualTypeOf<'port' | 'serializers'>();
    // `start`: the extension opens the socket.
    expectTypeOf<Misfits<Ours.PeerSocket, Members<Theirs.Peer['socket']>>>().toEqualTypeOf<'start'>();
  });

  it('have every member of DataConnection', () => {
    // `_initializeDataChannel`, `handleMessage`: internal. `peerConnection`: mirrored, so nothing can change it.
    type Exceptions = '_initializeDataChannel' | 'handleMessage' | 'peerConnection';
    expectTypeOf<Misfits<Ours.DataConnection, Members<Theirs.DataConnection>>>().toEqualTypeOf<Exceptions>();
    expectTypeOf<Misfits<Ours.DataConnection, Members<Theirs.BufferedConnection>>>().toEqualTypeOf<Exceptions>();
  });

  it('have every member of MediaConnection', () => {
    // Internal, all three.
    type Exceptions = '_initializeDataChannel' | 'handleMessage' | 'addStream';
    expectTypeOf<Misfits<Ours.MediaConnection, Members<Theirs.MediaConnection>>>().toEqualTypeOf<Exceptions>();
  });

  it('mirror every state of RTCPeerConnection', () => {
    type Mirrored = Pick<RTCPeerConnection, keyof Ours.MirroredPeerConnection>;
    // Descriptions are plain objects.
    type Exceptions = 'localDescription' | 'remoteDescription';
    expectTypeOf<Misfits<Ours.MirroredPeerConnection, Omit<Mirrored, keyof EventTarget>>>().toEqualTypeOf<Exceptions>();
  });

  it('have every member of util', () => {
    // `chunk`: PeerJS declares Uint8Array, and gives ArrayBuffer. `defaultConfig`: pages change it, so it is any configuration.
    expectTypeOf<Misfits<Ours.Util, Theirs.Util>>().toEqualTypeOf<'chunk' | 'defaultConfig'>();
  });

  it('take PeerJS’s options', () => {
    expectTypeOf<Misfits<Theirs.PeerOptions, Ours.PeerOptions>>().toBeNever();
    expectTypeOf<Misfits<Theirs.PeerJSOption, Pick<Ours.PeerOptions, keyof Theirs.PeerJSOption>>>().toBeNever();
    expectTypeOf<
      Misfits<Theirs.PeerConnectOption, Pick<Ours.PeerConnectOption, keyof Theirs.PeerConnectOption>>
    >().toBeNever();
    // `sdpTransform`: PeerJS says `Function`, which tells neither arguments nor result.
    type CallOption = Pick<Ours.CallOption, keyof Theirs.CallOption>;
    expectTypeOf<Misfits<Theirs.CallOption, CallOption>>().toEqualTypeOf<'sdpTransform'>();
    type AnswerOption = Pick<Ours.AnswerOption, keyof Theirs.AnswerOption>;
    expectTypeOf<Misfits<Theirs.AnswerOption, AnswerOption>>().toEqualTypeOf<'sdpTransform'>();
  });

  it('construct Peers as PeerJS does', () => {
    // Pins PeerJS's overloads: a fourth one would push out the first.
    type Options = Theirs.PeerOptions;
    type Calls = ConstructorCalls<typeof Theirs.Peer>;
    expectTypeOf<Calls>().toEqualTypeOf<[[], [options: Options], [id: string, options?: Options | undefined]]>();
    // Calls, because a constructor without parameters extends those with parameters.
    const construct = (Peer: Ours.PeerConstructor, [nothing, options, idAndOptions]: Calls): Ours.Peer[] => [
      new Peer(...nothing),
      new Peer(...options),
      new Peer(...idAndOptions),
    ];
    expectTypeOf(construct).returns.toEqualTypeOf<Ours.Peer[]>();
  });

  it('have every event', () => {
    type PeerEvents = { [Name in keyof Theirs.PeerEvents]: Parameters<typeof _peer.on<Name>>[1] };
    type DataEvents = { [Name in DataEventName]: Parameters<typeof _data.on<Name>>[1] };
    type MediaEvents = { [Name in MediaEventName]: Parameters<typeof _call.on<Name>>[1] };
    type DataEventName = ReturnType<Theirs.DataConnection['eventNames']>[number];
    type MediaEventName = ReturnType<Theirs.MediaConnection['eventNames']>[number];
    // A listener by PeerJS's types knows nothing of the errors that are ours.
    expectTypeOf<Misfits<PeerEvents, Ours.PeerEvents>>().toEqualTypeOf<'error'>();
    expectTypeOf<Misfits<DataEvents, Ours.DataConnectionEvents>>().toEqualTypeOf<'error'>();
    expectTypeOf<Misfits<MediaEvents, Ours.MediaConnectionEvents>>().toEqualTypeOf<'error'>();
    expectTypeOf<keyof PeerEvents>().toEqualTypeOf<keyof Ours.PeerEvents>();
    expectTypeOf<DataEventName>().toEqualTypeOf<keyof Ours.DataConnectionEvents>();
    expectTypeOf<MediaEventName>().toEqualTypeOf<keyof Ours.MediaConnectionEvents>();
  });

  it('have every error type', () => {
    type OwnTypes = 'limit-reached' | 'permission-denied';
    expectTypeOf<Ours.PeerErrorType>().toEqualTypeOf<`${Theirs.PeerErrorType}` | OwnTypes>();
    type BaseTypes = `${Theirs.BaseConnectionErrorType}` | 'peer-unavailable' | OwnTypes;
    expectTypeOf<Ours.BaseConnectionErrorType>().toEqualTypeOf<BaseTypes>();
    expectTypeOf<Ours.DataConnectionErrorType>().toEqualTypeOf<`${Theirs.DataConnectionErrorType}`>();
    expectTypeOf<`${Theirs.SerializationType}`>().toExtend<Ours.SerializationType>();
    expectTypeOf<Ours.ConnectionType>().toEqualTypeOf<`${Theirs.ConnectionType}`>();
  });

  it('compile a page’s program by PeerJS’s types, without any other types', () => {
    const files = [
      'test/support/peerjs-program.ts',
      'test/support/global-program.ts',
      'src/api/public-globals.d.ts',
    ].map(path);
    const program = createProgram(files, {
      strict: true,
      noEmit: true,
      target: ScriptTarget.ES2022,
      module: ModuleKind.ESNext,
      moduleResolution: ModuleResolutionKind.Bundler,
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
      types: [],
      paths: { peerjs: [path('src/api/public-types.d.ts')] },
    });
    const types = program.getSourceFile(path('src/api/public-types.d.ts'));
    expect(types).toBeDefined();
    const sources = [types, ...files.map((file) => program.getSourceFile(file))];
    const found = sources.flatMap((source) => program.getSemanticDiagnostics(source));
    expect(found.map(({ messageText }) => flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
  });
});

describe('the classes beside the public types', () => {
  it('have every member of Peer, and show no other', () => {
    // The server's list is unchecked.
    expectTypeOf<Misfits<Present<PeerBase>, Members<Ours.Peer>>>().toEqualTypeOf<'listAllPeers'>();
    // Null or undefined at times, as in PeerJS, whose types do not say so.
    type Absent = 'id' | 'connect' | 'call';
    expectTypeOf<Misfits<PeerBase, Members<Ours.Peer>>>().toEqualTypeOf<Absent | 'listAllPeers'>();
    expectTypeOf<Exclude<Shown<PeerBase>, keyof Ours.Peer>>().toEqualTypeOf<PeerInternals | 'emitError'>();
  });

  it('have every member of DataConnection, and show no other', () => {
    type Absent = 'provider' | 'peerConnection' | 'dataChannel';
    expectTypeOf<Misfits<Present<DataConnection>, Members<Ours.DataConnection>>>().toBeNever();
    expectTypeOf<Misfits<DataConnection, Members<Ours.DataConnection>>>().toEqualTypeOf<Absent>();
    expectTypeOf<Exclude<Shown<DataConnection>, keyof Ours.DataConnection>>().toEqualTypeOf<'emitError'>();
  });

  it('have every member of MediaConnection, and show no other', () => {
    type Absent = 'provider' | 'label' | 'localStream' | 'remoteStream' | 'peerConnection' | 'dataChannel';
    expectTypeOf<Misfits<Present<MediaConnection>, Members<Ours.MediaConnection>>>().toBeNever();
    expectTypeOf<Misfits<MediaConnection, Members<Ours.MediaConnection>>>().toEqualTypeOf<Absent>();
    expectTypeOf<Exclude<Shown<MediaConnection>, keyof Ours.MediaConnection>>().toEqualTypeOf<'emitError'>();
  });

  it('take the options, and no others but their own', () => {
    expectTypeOf<Misfits<Ours.PeerOptions, PeerOptions>>().toEqualTypeOf<'serializers'>();
    expectTypeOf<Ours.PeerConnectOption>().toExtend<DataConnectionOptions>();
    expectTypeOf<Ours.CallOption>().toExtend<CallOptions>();
    expectTypeOf<Ours.AnswerOption>().toExtend<AnswerOptions>();
    expectTypeOf<keyof PeerOptions>().toEqualTypeOf<keyof Ours.PeerOptions>();
    type Internal = 'connectionId' | '_payload';
    expectTypeOf<keyof DataConnectionOptions>().toEqualTypeOf<keyof Ours.PeerConnectOption | Internal>();
    expectTypeOf<keyof CallOptions>().toEqualTypeOf<keyof Ours.CallOption | 'connectionId'>();
    expectTypeOf<keyof AnswerOptions>().toEqualTypeOf<keyof Ours.AnswerOption>();
    expectTypeOf<Ours.CallRoute>().toEqualTypeOf<CallRoute>();
  });

  it('have the emitter’s methods', () => {
    type Lengths<T> = {
      [Name in keyof Ours.Emitter<object> & keyof T]: T[Name] extends (...args: infer Args) => unknown
        ? Args['length']
        : never;
    };
    expectTypeOf<Lengths<Ours.Emitter<Record<string, () => void>>>>().toEqualTypeOf<Lengths<EventEmitter>>();
    expectTypeOf<PeerBase | BaseConnection | SocketFacade>().toExtend<EventEmitter>();
    expectTypeOf<keyof EventEmitter>().toEqualTypeOf<keyof Ours.Emitter<object>>();
  });

  it('emit the events, and no others', () => {
    type Events = Ours.PeerEvents & Ours.DataConnectionEvents & Ours.MediaConnectionEvents & Ours.PeerSocketEvents;
    const declared: Record<keyof Events, true> = {
      call: true,
      close: true,
      connection: true,
      data: true,
      disconnected: true,
      error: true,
      iceStateChanged: true,
      message: true,
      open: true,
      stream: true,
      willCloseOnRemote: true,
    };
    const api = path('src/api');
    const files = readdirSync(api, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const emitted = files.flatMap((name) => [...readFileSync(join(api, name), 'utf8').matchAll(/\.emit\('(\w+)'/g)]);
    expect([...new Set(emitted.map(([, event]) => event))].sort()).toEqual(Object.keys(declared));
  });

  it('emit the errors', () => {
    expectTypeOf<PeerError<'network'>>().toExtend<Ours.PeerError<'network'>>();
    expectTypeOf<Ours.PeerErrorType>().toEqualTypeOf<PeerErrorType | 'ssl-unavailable'>();
    type Types = Ours.BaseConnectionErrorType | Ours.DataConnectionErrorType;
    expectTypeOf<Types>().toEqualTypeOf<ConnectionErrorType>();
  });

  it('have the facades and util', () => {
    expectTypeOf<Misfits<SocketFacade, Members<Ours.PeerSocket>>>().toBeNever();
    expectTypeOf<Misfits<typeof util, Ours.Util>>().toBeNever();
    expectTypeOf<keyof typeof util>().toEqualTypeOf<keyof Ours.Util>();
    type States = Omit<Ours.MirroredPeerConnection, `on${string}`>;
    expectTypeOf<Misfits<PeerConnectionFacade, States>>().toBeNever();
    type ChannelStates = Omit<RTCDataChannel, `on${string}` | keyof EventTarget>;
    expectTypeOf<Misfits<DataChannelFacade, ChannelStates>>().toBeNever();
    // Defined at run time.
    for (const name of ['connection', 'iceConnection', 'iceGathering', 'signaling']) {
      expect(`on${name.toLowerCase()}statechange` in PeerConnectionFacade.prototype, name).toBe(true);
    }
    for (const name of ['open', 'message', 'bufferedamountlow', 'error', 'closing', 'close']) {
      expect(`on${name}` in DataChannelFacade.prototype, name).toBe(true);
    }
  });
});
