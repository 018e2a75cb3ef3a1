// Defines the page's globals that src/api uses and Node lacks. Import this before anything of src/api.
import { FakeMessagePort } from './message-port';
import { NativeConnection } from './native-connection';

const location = { protocol: 'https:', hostname: 'chat.example' };

const globals = {
  window: { dispatchEvent: () => true, location },
  location,
  navigator: { userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0' },
  MessagePort: FakeMessagePort,
  RTCPeerConnection: NativeConnection,
};

for (const [name, value] of Object.entries(globals)) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
