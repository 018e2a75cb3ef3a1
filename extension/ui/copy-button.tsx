// A button that copies a text to the clipboard and shows the outcome.
import { useEffect, useState } from 'preact/hooks';
import { text } from '../platform/i18n';
import { Button } from './button';

const SHOWN_MS = 2_500;

/** `label` names the copied text for screen readers. */
export function CopyButton({ content, label }: { content: string; label: string }) {
  const [outcome, setOutcome] = useState<'copied' | 'failed'>();

  useEffect(() => {
    if (outcome === undefined) return undefined;
    const timer = setTimeout(() => setOutcome(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);

  function copy(): void {
    navigator.clipboard.writeText(content).then(
      () => setOutcome('copied'),
      // The window has lost the focus, or a policy forbids access to the clipboard.
      () => setOutcome('failed'),
    );
  }

  return (
    <>
      <Button isSmall label={label} onClick={copy}>
        {outcome === 'copied' ? `✓ ${text('uiCopied')}` : text('uiCopy')}
      </Button>
      <span class={outcome === 'failed' ? 'problem' : 'unseen'} role="status">
        {outcome === 'copied' ? text('uiCopied') : outcome === 'failed' ? text('uiCopyFailed') : ''}
      </span>
    </>
  );
}
