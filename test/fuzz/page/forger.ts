// A content script that a hostile page has taken over: it sends forged messages through `chrome.runtime`.
import { mutated } from '../mutate';
import { PAGE_STREAM, Random } from '../random';
import { forgedRequest } from '../samples/control-requests';
import { randomPageMessage, type PageWorld } from '../samples/page-messages';

/** A request without a reply counts as refused after this time. */
const REPLY_MS = 2000;

const PORT_NAMES = ['document', 'live', '', '__proto__'];

/** Sends 10 to 40 forged requests and opens up to 5 ports. Resolves with the requests that were not refused. */
export async function forge(seed: number, step: number, world: PageWorld): Promise<string[]> {
  const random = new Random(seed, step, PAGE_STREAM);
  const replies = random.times(random.between(10, 40), async () => {
    const request = forgedRequest(random, world);
    const message = random.chance(0.6) ? mutated(request, random) : request;
    const reply = await Promise.race([send(message), new Promise((resolve) => setTimeout(resolve, REPLY_MS))]);
    // A content script may attach its own document.
    return reply === undefined || request.type === 'attach' ? [] : [`${request.type}: ${JSON.stringify(reply)}`];
  });
  for (let n = random.below(6); n > 0; n--) openPort(random, world);
  if (random.chance(0.3)) deliverToBridge(random, world);
  return (await Promise.all(replies)).flat();
}

/** Sends a message. Resolves with the reply, or undefined if the message was refused or got no reply. */
async function send(message: unknown): Promise<unknown> {
  try {
    return (await chrome.runtime.sendMessage(message)) ?? undefined;
  } catch {
    // Refused, or not serializable as a runtime message.
    return undefined;
  }
}

function openPort(random: Random, world: PageWorld): void {
  const port = chrome.runtime.connect({ name: random.pick(PORT_NAMES) });
  for (let n = random.below(5); n > 0; n--) {
    try {
      port.postMessage(random.chance(0.3) ? 'ticket' : mutated(randomPageMessage(random, world), random));
    } catch {
      // Already disconnected, or not serializable for a port.
    }
  }
  if (random.chance(0.5)) port.disconnect();
}

/**
 * Frames the bridge and sends it forged deliveries. The bridge accepts a ticket and a port from any frame around it.
 */
function deliverToBridge(random: Random, world: PageWorld): void {
  const frame = document.createElement('iframe');
  frame.src = chrome.runtime.getURL('extension/bridge/index.html');
  frame.addEventListener('load', () => {
    for (let n = random.between(1, 10); n > 0; n--) {
      const ports = random.times(random.below(3), () => new MessageChannel().port1);
      const delivery = { ticket: 'ticket' };
      try {
        frame.contentWindow?.postMessage(
          random.chance(0.5) ? delivery : mutated(randomPageMessage(random, world), random),
          '*',
          ports,
        );
      } catch {
        // Structured clone cannot carry the message.
      }
    }
    setTimeout(() => frame.remove(), 500);
  });
  document.documentElement.append(frame);
}
