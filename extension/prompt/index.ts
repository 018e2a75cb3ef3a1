// The prompt's page: shows the background's question and sends the user's answer back. Decides nothing itself.
import { request } from '../../src/channel/control';
import type { ConsentAnswer } from '../../src/protocol/control-messages';
import { declareLanguage, text } from '../platform/i18n';
import { sendMessage } from '../platform/runtime';
import { ActivationGuard } from './activation-guard';
import { fitWindow } from './fit-window';
import { element, keepIdBox, show } from './view';

const promptId = new URLSearchParams(location.search).get('id') ?? '';
const answers: [id: string, answer: ConsentAnswer][] = [
  ['always', 'always'],
  ['once', 'once'],
  ['block', 'block'],
];

async function start(): Promise<void> {
  declareLanguage(document.documentElement);
  const { content } = await request(sendMessage, { to: 'background', type: 'prompt.describe', promptId });
  if (!content) {
    window.close();
    return;
  }
  show(content);
  // Not awaited: the buttons work meanwhile.
  void fitWindow(element('prompt'));
  element('details').addEventListener('toggle', () => void showDetails());
  listen();
  // Not a button: a key that the user is just typing elsewhere must not answer the prompt.
  element('prompt').focus();
}

function listen(): void {
  const controls = [...answers.map(([id]) => element(id)), keepIdBox()];
  const guard = new ActivationGuard(window, (isArmed) => {
    for (const control of controls) control.setAttribute('aria-disabled', String(!isArmed));
  });
  keepIdBox().addEventListener('click', (event) => {
    if (!guard.isArmed) event.preventDefault();
  });
  for (const [id, answer] of answers) {
    element(id).addEventListener('click', () => {
      if (guard.isArmed) void send(answer);
    });
  }
  window.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') void send('dismiss');
  });
}

/** Sends the answer. The background closes the window once it has stored the answer. */
async function send(answer: ConsentAnswer): Promise<void> {
  try {
    const keepId = keepIdBox().checked;
    const isNeeded = await request(sendMessage, { to: 'background', type: 'prompt.answer', promptId, answer, keepId });
    if (!isNeeded) window.close();
  } catch {
    element('status').textContent = text('promptFailed');
  }
}

void start();

/** Resizes the window, and scrolls to the details in case the screen is too small for all of the content. */
async function showDetails(): Promise<void> {
  await fitWindow(element('prompt'));
  element('details').scrollIntoView({ block: 'nearest' });
}
