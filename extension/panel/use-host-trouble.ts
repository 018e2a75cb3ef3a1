// Whether the engine host failed to start when it was last needed.
import { ask } from '../ui/ask';
import { useAnswer } from '../ui/use-answer';

export function useHostTrouble(): boolean {
  return useAnswer(readHostTrouble).value ?? false;
}

function readHostTrouble(): Promise<boolean> {
  return ask({ to: 'background', type: 'ui.hostTrouble' });
}
