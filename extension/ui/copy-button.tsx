// Copies a text and says so.
import { useEffect, useState } from 'preact/hooks';
import { text } from '../platform/i18n';
import { Button } from './button';

const SHOWN_MS = 2_500;

/** `label` says what is copied, for those who do not see what is beside the button. */
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
      // The window has lost the focus, or a policy forbids it.
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
