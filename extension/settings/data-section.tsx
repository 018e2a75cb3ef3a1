// Export, import and deletion of everything that Peerport stores.
import { useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import type { ImportSummary } from '../../src/protocol/ui-messages';
import { text } from '../platform/i18n';
import { ask } from '../ui/ask';
import { Button } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { Notice } from '../ui/notice';
import { ImportPreview } from './import-preview';
import { saveAsFile } from './save-as-file';

/** Far larger than an export of thousands of sites. A larger file was chosen by mistake. */
const MAX_IMPORTED_BYTES = 16 * 1024 * 1024;

interface Outcome {
  kind: 'good' | 'danger';
  content: ComponentChildren;
}

export function DataSection() {
  return (
    <>
      <Export />
      <Import />
      <Erase />
    </>
  );
}

function Export() {
  const [outcome, setOutcome] = useState<Outcome>();

  async function run(): Promise<void> {
    try {
      saveAsFile('peerport.json', await ask({ to: 'background', type: 'ui.export' }));
      setOutcome({ kind: 'good', content: text('settingsExported') });
    } catch {
      setOutcome({ kind: 'danger', content: text('settingsUnanswered') });
    }
  }

  return (
    <section class="group">
      <h3>{text('settingsExport')}</h3>
      <p class="hint">{text('settingsExportHint')}</p>
      <Notice kind="warning">
        <p>{text('settingsExportSecrets')}</p>
      </Notice>
      <div class="actions">
        <Button onClick={() => void run()}>{text('settingsExportAction')}</Button>
      </div>
      <OutcomeNotice outcome={outcome} />
    </section>
  );
}

/** A file that has been read and waits for the user's confirmation. */
interface PendingImport {
  name: string;
  content: string;
  summary: ImportSummary;
}

function Import() {
  const [outcome, setOutcome] = useState<Outcome>();
  const [pending, setPending] = useState<PendingImport>();
  const picker = useRef<HTMLInputElement>(null);

  async function run(action: () => Promise<Outcome | undefined>): Promise<void> {
    try {
      setOutcome(await action());
    } catch {
      setOutcome({ kind: 'danger', content: text('settingsUnanswered') });
    }
  }

  async function preview(file: File): Promise<Outcome | undefined> {
    const { name } = file;
    if (file.size > MAX_IMPORTED_BYTES) return { kind: 'danger', content: text('settingsImportTooLarge', name) };
    const content = await file.text();
    const answer = await ask({ to: 'background', type: 'ui.previewImport', text: content });
    if ('problem' in answer) return refusal(name, answer.problem);
    setPending({ name, content, summary: answer.summary });
    return undefined;
  }

  async function carryOut({ name, content }: PendingImport): Promise<Outcome> {
    setPending(undefined);
    const { problem } = await ask({ to: 'background', type: 'ui.import', text: content });
    return problem === undefined ? { kind: 'good', content: text('settingsImported', name) } : refusal(name, problem);
  }

  return (
    <section class="group">
      <h3>{text('settingsImport')}</h3>
      <p class="hint">{text('settingsImportHint')}</p>
      <div class="actions">
        <Button onClick={() => picker.current?.click()}>{text('settingsImportAction')}</Button>
        <input
          ref={picker}
          type="file"
          accept="application/json,.json"
          hidden
          aria-label={text('settingsImportAction')}
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            // Clears the input, so that the user can choose the same file again after correcting it.
            if (file) void run(() => preview(file)).finally(() => ((event.target as HTMLInputElement).value = ''));
          }}
        />
      </div>
      <OutcomeNotice outcome={outcome} />
      {pending && (
        <ImportPreview
          fileName={pending.name}
          summary={pending.summary}
          onConfirm={() => void run(() => carryOut(pending))}
          onCancel={() => setPending(undefined)}
        />
      )}
    </section>
  );
}

function refusal(fileName: string, problem: string): Outcome {
  return {
    kind: 'danger',
    content: (
      <>
        <p>{text('settingsImportRefused', fileName)}</p>
        <p>
          <bdi class="mono" lang="en">
            {problem}
          </bdi>
        </p>
      </>
    ),
  };
}

function Erase() {
  const [outcome, setOutcome] = useState<Outcome>();
  const [isAsking, setAsking] = useState(false);

  async function run(): Promise<void> {
    setAsking(false);
    try {
      await ask({ to: 'background', type: 'ui.erase' });
      setOutcome({ kind: 'good', content: text('settingsErased') });
    } catch {
      setOutcome({ kind: 'danger', content: text('settingsUnanswered') });
    }
  }

  return (
    <section class="group">
      <h3>{text('settingsErase')}</h3>
      <p class="hint">{text('settingsEraseHint')}</p>
      <div class="actions">
        <Button kind="danger" onClick={() => setAsking(true)}>
          {text('settingsEraseAction')}
        </Button>
      </div>
      <OutcomeNotice outcome={outcome} />
      {isAsking && (
        <Confirm
          question={text('settingsEraseQuestion')}
          consequence={text('settingsEraseConsequence')}
          action={text('settingsEraseAction')}
          onConfirm={() => void run()}
          onCancel={() => setAsking(false)}
        />
      )}
    </section>
  );
}

function OutcomeNotice({ outcome }: { outcome: Outcome | undefined }) {
  if (!outcome) return null;
  return (
    <Notice kind={outcome.kind} isNews>
      {outcome.content}
    </Notice>
  );
}
