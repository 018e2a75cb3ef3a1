// The IDs that are kept for a site.
import { useState } from 'preact/hooks';
import type { SiteRow } from '../../src/protocol/ui-messages';
import { text } from '../platform/i18n';
import { ask } from '../ui/ask';
import { Button } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { CopyButton } from '../ui/copy-button';
import { Notice } from '../ui/notice';

export function SiteIdentities({ row, reload }: { row: SiteRow; reload: () => Promise<void> }) {
  const { origin, identities } = row;
  const [asked, setAsked] = useState<string>();
  const [isFailed, setFailed] = useState(false);

  async function forget(id: string): Promise<void> {
    setAsked(undefined);
    try {
      await ask({ to: 'background', type: 'ui.forgetIdentity', origin, id });
      setFailed(false);
      await reload();
    } catch {
      setFailed(true);
    }
  }

  return (
    <div>
      <h3>{text('settingsIdentities')}</h3>
      {identities.length === 0 && <p class="quiet">{text('settingsNoIdentities')}</p>}
      <ul class="identities">
        {identities.map(({ id, isNamed }) => (
          <li key={id}>
            <bdi class="mono">{id}</bdi>
            {isNamed && <span class="quiet">{text('settingsNamedId')}</span>}
            <span class="actions">
              <CopyButton content={id} label={text('settingsCopyId', id)} />
              <Button isSmall kind="danger" label={text('settingsForgetIdOf', id)} onClick={() => setAsked(id)}>
                {text('settingsForgetId')}
              </Button>
            </span>
          </li>
        ))}
      </ul>
      {isFailed && (
        <Notice kind="danger" isNews>
          {text('uiNotSaved')}
        </Notice>
      )}
      {asked !== undefined && (
        <Confirm
          question={text('settingsForgetIdQuestion')}
          consequence={text('settingsForgetIdConsequence')}
          action={text('settingsForgetId')}
          onConfirm={() => void forget(asked)}
          onCancel={() => setAsked(undefined)}
        />
      )}
    </div>
  );
}
