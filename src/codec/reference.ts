// The package PeerJS itself packs with, which `util` shows to pages. Connections use packer.ts and unpacker.ts, which give
// the same bytes and values and stay quick and safe where the package does not.
export { pack, unpack } from 'peerjs-js-binarypack';
