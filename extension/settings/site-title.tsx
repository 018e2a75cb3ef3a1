import { text } from '../platform/i18n';
import type { SiteName } from '../../src/protocol/ui-messages';

/** A site's name: its origin, and below it the page around it. */
export function SiteTitle({ site: { origin, topOrigin } }: { site: SiteName }) {
  return (
    <>
      <span class="site">
        <bdi>{origin}</bdi>
      </span>
      {topOrigin !== undefined && <span class="quiet beneath">{text('settingsEmbedded', topOrigin)}</span>}
    </>
  );
}
