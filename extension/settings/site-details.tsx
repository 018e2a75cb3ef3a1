// Everything about one site: its permissions, connection settings and IDs, and the button to forget it.
import { useState } from 'preact/hooks';
import type { SiteRow } from '../../src/protocol/ui-messages';
import { text } from '../platform/i18n';
import { ask } from '../ui/ask';
import { Button } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { formatMoment } from '../ui/format';
import { Notice } from '../ui/notice';
import { nameOf } from '../ui/site-name';
import { SiteConditions } from './site-conditions';
import { SiteIdentities } from './site-identities';

export interface SiteDetailsProps {
  row: SiteRow;
  reload: () => Promise<void>;
  onForgotten: () => void;
}

export function SiteDetails({ row, reload, onForgotten }: SiteDetailsProps) {
  const { decidedAt, privateServers } = row;
  return (
    <div class="site-details">
      <SiteConditions row={row} reload={reload} />
      <SiteIdentities row={row} reload={reload} />
      {privateServers.length > 0 && (
        <div>
          <h3>{text('settingsPrivateServers')}</h3>
          <p>
            <bdi>{privateServers.join(', ')}</bdi>
          </p>
        </div>
      )}
      <div class="actions">
        <ForgetSite row={row} reload={reload} onForgotten={onForgotten} />
        {decidedAt !== undefined && <span class="quiet">{text('settingsDecidedAt', formatMoment(decidedAt))}</span>}
      </div>
    </div>
  );
}

function ForgetSite({ row, reload, onForgotten }: SiteDetailsProps) {
  const [isAsking, setAsking] = useState(false);
  const [isFailed, setFailed] = useState(false);

  async function forget(): Promise<void> {
    setAsking(false);
    try {
      await ask({ to: 'background', type: 'ui.forgetSite', site: nameOf(row), isPrivate: false });
      await reload();
      onForgotten();
    } catch {
      setFailed(true);
    }
  }

  return (
    <>
      <Button kind="danger" isSmall onClick={() => setAsking(true)}>
        {text('settingsForget')}
      </Button>
      {isFailed && (
        <Notice kind="danger" isNews>
          {text('uiNotSaved')}
        </Notice>
      )}
      {isAsking && (
        <Confirm
          question={text('settingsForgetQuestion', row.origin)}
          consequence={text('settingsForgetConsequence')}
          action={text('settingsForget')}
          onConfirm={() => void forget()}
          onCancel={() => setAsking(false)}
        />
      )}
    </>
  );
}
