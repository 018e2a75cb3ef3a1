// The names of the host's media that node does not have.
import { FakeFrame } from './encoded-end';

const globals = { RTCEncodedVideoFrame: FakeFrame, MediaStream: EventTarget };

for (const [name, value] of Object.entries(globals)) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
