import type { SiteName } from '../../src/protocol/ui-messages';
import { embedding } from '../ui/embedding';

/** A site's name: its origin, and below it the frames and the page around it. */
export function SiteTitle({ site }: { site: SiteName }) {
  const around = embedding(site, 'settingsEmbedded');
  return (
    <>
      <span class="site">
        <bdi>{site.origin}</bdi>
      </span>
      {around !== '' && <span class="quiet beneath">{around}</span>}
    </>
  );
}
