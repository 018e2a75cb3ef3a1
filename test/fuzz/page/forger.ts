// A content script that is taken over: it has `chrome.runtime`, and says there whatever it likes.
import { mutated } from '../mutate';
import { IN_PAGE, Random } from '../random';
import { forgedRequest } from '../samples/control-requests';
import { randomPageMessage, type PageWorld } from '../samples/page-messages';

/** A request that nobody answers is over then. */
const REPLY_MS = 2000;

const PORT_NAMES = ['document', 'live', '', '__proto__'];

/** Sends some forty requests and opens some ports. Gives back what was answered with anything but a refusal. */
export async function forge(seed: number, step: number, world: PageWorld): Promise<string[]> {
  const random = new Random(seed, step, IN_PAGE);
  const replies = random.times(random.between(10, 40), async () => {
    const request = forgedRequest(random, world);
    const message = random.chance(0.6) ? mutated(request, random) : request;
    const reply = await Promise.race([sent(message), new Promise((resolve) => setTimeout(resolve, REPLY_MS))]);
    // To attach its document is what a content script is for.
    return reply === undefined || request.type === 'attach' ? [] : [`${request.type}: ${JSON.stringify(reply)}`];
  });
  for (let n = random.below(6); n > 0; n--) openPort(random, world);
  if (random.chance(0.3)) deliverToBridge(random, world);
  return (await Promise.all(replies)).flat();
}

/** Undefined for a refusal, and for nothing. */
async function sent(message: unknown): Promise<unknown> {
  try {
    return (await chrome.runtime.sendMessage(message)) ?? undefined;
  } catch {
    // Refused, or no message that a runtime message can carry.
    return undefined;
  }
}

function openPort(random: Random, world: PageWorld): void {
  const port = chrome.runtime.connect({ name: random.pick(PORT_NAMES) });
  for (let n = random.below(5); n > 0; n--) {
    try {
      port.postMessage(random.chance(0.3) ? 'ticket' : mutated(randomPageMessage(random, world), random));
    } catch {
      // Disconnected already, or no message that a port can carry.
    }
  }
  if (random.chance(0.5)) port.disconnect();
}

/** The bridge takes a ticket and a port from whoever frames it. */
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
        // No message that structured clone can carry.
      }
    }
    setTimeout(() => frame.remove(), 500);
  });
  document.documentElement.append(frame);
}
