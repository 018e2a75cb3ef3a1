// The panel's notice if Peerport lacks access to some pages. The browser lets the user withdraw it.
import { useEffect, useRef } from 'preact/hooks';
import { text } from '../platform/i18n';
import { hasSiteAccess, onSiteAccessChanged, requestSiteAccess } from '../platform/site-access';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { useAnswer } from '../ui/use-answer';

export function SiteAccess() {
  const { value: hasAccess, reload } = useAnswer(hasSiteAccess);
  const wasMissing = useRef(false);
  if (hasAccess === false) wasMissing.current = true;

  useEffect(() => onSiteAccessChanged(() => void reload()), [reload]);

  if (hasAccess === false) {
    return (
      <Notice kind="warning">
        <p>{text('panelNoAccess')}</p>
        <Button isSmall onClick={() => void requestSiteAccess().then(reload)}>
          {text('panelGrantAccess')}
        </Button>
      </Notice>
    );
  }
  // Content scripts run only in pages that load from now on, so ask the user to reload.
  if (hasAccess === true && wasMissing.current) {
    return (
      <Notice kind="good" isNews>
        <p>{text('panelAccessGranted')}</p>
      </Notice>
    );
  }
  return null;
}
