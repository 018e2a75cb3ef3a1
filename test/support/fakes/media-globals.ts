// Defines the media classes that the host uses and Node lacks.
import { FakeFrame } from './encoded-end';

const globals = { RTCEncodedVideoFrame: FakeFrame, MediaStream: EventTarget };

for (const [name, value] of Object.entries(globals)) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
