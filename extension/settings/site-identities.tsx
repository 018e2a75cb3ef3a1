// The saved IDs of a site.
import { useState } from 'preact/hooks';
import type { SiteRow } from '../../src/protocol/ui-messages';
import { text } from '../platform/i18n';
import { ask } from '../ui/ask';
import { Button } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { CopyButton } from '../ui/copy-button';
import { Notice } from '../ui/notice';
import { nameOf } from '../ui/site-name';

type Action = 'forget' | 'reset';

const ACTIONS = {
  forget: {
    request: 'ui.forgetIdentity',
    name: 'settingsForgetId',
    question: 'settingsForgetIdQuestion',
    consequence: 'settingsForgetIdConsequence',
  },
  reset: {
    request: 'ui.resetIdentity',
    name: 'settingsResetId',
    question: 'settingsResetIdQuestion',
    consequence: 'settingsResetIdConsequence',
  },
} as const;

export function SiteIdentities({ row, reload }: { row: SiteRow; reload: () => Promise<void> }) {
  const { identities, inEffect } = row;
  const [asked, setAsked] = useState<{ id: string; action: Action }>();
  const [isFailed, setFailed] = useState(false);

  async function carryOut(id: string, action: Action): Promise<void> {
    setAsked(undefined);
    try {
      await ask({ to: 'background', type: ACTIONS[action].request, site: nameOf(row), id });
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
      {identities.length > 0 && !inEffect.keepId && <p class="hint">{text('settingsIdsNotUsed')}</p>}
      <ul class="identities">
        {identities.map(({ id, isNamed }) => (
          <li key={id}>
            <bdi class="mono">{id}</bdi>
            {isNamed && <span class="quiet">{text('settingsNamedId')}</span>}
            <span class="actions">
              <CopyButton content={id} label={text('settingsCopyId', id)} />
              {!isNamed && (
                <Button isSmall label={text('settingsResetIdOf', id)} onClick={() => setAsked({ id, action: 'reset' })}>
                  {text('settingsResetId')}
                </Button>
              )}
              <Button
                isSmall
                kind="danger"
                label={text('settingsForgetIdOf', id)}
                onClick={() => setAsked({ id, action: 'forget' })}
              >
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
          question={text(ACTIONS[asked.action].question)}
          consequence={text(ACTIONS[asked.action].consequence)}
          action={text(ACTIONS[asked.action].name)}
          onConfirm={() => void carryOut(asked.id, asked.action)}
          onCancel={() => setAsked(undefined)}
        />
      )}
    </div>
  );
}
