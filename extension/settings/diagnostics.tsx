// The diagnostics for a bug report: the user copies them, and can read them before.
import { useState } from 'preact/hooks';
import { text } from '../platform/i18n';
import { ask } from '../ui/ask';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';

type Outcome = 'copied' | 'not-copied' | 'unanswered';

export function Diagnostics() {
  const [content, setContent] = useState<string>();
  const [isShown, setShown] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();

  /** Undefined, and says so, if the background does not answer. */
  async function load(): Promise<string | undefined> {
    try {
      const loaded = await ask({ to: 'background', type: 'ui.diagnostics' });
      setContent(loaded);
      return loaded;
    } catch {
      setOutcome('unanswered');
      return undefined;
    }
  }

  function toggle(isOpen: boolean): void {
    setShown(isOpen);
    if (isOpen) void load();
  }

  async function copy(): Promise<void> {
    // What the user has read is what is copied.
    const loaded = (isShown ? content : undefined) ?? (await load());
    if (loaded === undefined) return;
    // The window may have lost the focus, or a policy may forbid access to the clipboard.
    setOutcome(
      await navigator.clipboard.writeText(loaded).then(
        () => 'copied' as const,
        () => 'not-copied' as const,
      ),
    );
  }

  return (
    <section class="group">
      <h3>{text('settingsDiagnostics')}</h3>
      <p class="hint">{text('settingsDiagnosticsHint')}</p>
      <div class="actions">
        <Button onClick={() => void copy()}>{text('settingsDiagnosticsCopy')}</Button>
      </div>
      <OutcomeNotice outcome={outcome} />
      <details onToggle={(event) => toggle(event.currentTarget.open)}>
        <summary>{text('settingsDiagnosticsShow')}</summary>
        <pre
          class="diagnostics mono"
          lang="en"
          dir="ltr"
          tabIndex={0}
          role="region"
          aria-label={text('settingsDiagnostics')}
        >
          {content}
        </pre>
      </details>
    </section>
  );
}

function OutcomeNotice({ outcome }: { outcome: Outcome | undefined }) {
  if (outcome === undefined) return null;
  const key = {
    copied: 'settingsDiagnosticsCopied',
    'not-copied': 'uiCopyFailed',
    unanswered: 'settingsUnanswered',
  } as const;
  return (
    <Notice kind={outcome === 'copied' ? 'good' : 'danger'} isNews>
      {text(key[outcome])}
    </Notice>
  );
}
