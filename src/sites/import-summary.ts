// Summarizes what an import would change, so that the user can decide before it happens. Compares the stored records
// with those after the import. Ignores an administrator's policy, which overrides both but may end one day.
import type {
  ImportChange,
  ImportItem,
  ImportNote,
  ImportSummary,
  Limits,
  OwnPeerServer,
  Policy,
  SiteName,
} from '../protocol/ui-messages';
import {
  PERMISSIONS,
  PREFERENCES,
  SITE_SETTINGS,
  type SettingsInEffect,
  type SiteSettings,
} from '../protocol/site-settings';
import { parseGrant } from './decisions/grant';
import { wholeBook } from './identities/identity-book';
import { DEFAULT_POLICY, parsePolicy, POLICY_KEY } from './policy/policy';
import { recordKeys } from './records/record-keys';
import { chosenSettings, isLoosened, parseSettings } from './policy/site-settings';

type Records = Record<string, unknown>;

/** `before`, `after`: all records of the lasting store. `sites`: the sites that the file names. */
export function importSummary(
  before: Records,
  after: Records,
  sites: readonly SiteName[],
  defaults: Policy = DEFAULT_POLICY,
): ImportSummary {
  const policies = [before, after].map((records) => ({ ...defaults, ...parsePolicy(records[POLICY_KEY]) }) as Policy);
  const [policyBefore, policyAfter] = policies as [Policy, Policy];
  const compared = sites.map((site) => ({
    site,
    before: siteState(site, before, policyBefore),
    after: siteState(site, after, policyAfter),
  }));
  return {
    changedSites: compared.filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after)).length,
    notes: [...policyNotes(policyBefore, policyAfter), ...siteNotes(compared)],
  };
}

interface SiteState {
  decision: string | undefined;
  servers: string[];
  /** The site's own settings; the policy applies where a setting is absent. */
  own: SiteSettings;
  /** With the policy where the site has no setting of its own. */
  chosen: SettingsInEffect;
  ids: string[];
}

interface ComparedSite {
  site: SiteName;
  before: SiteState;
  after: SiteState;
}

function siteState(site: SiteName, records: Records, policy: Policy): SiteState {
  const keys = recordKeys({ ...site, isPrivate: false });
  const grant = parseGrant(records[keys.grant]);
  // An embedded site has its origin's settings, and the origin has a row of its own.
  const own = site.topOrigin === undefined ? parseSettings(records[keys.settings]) : {};
  const { anonymous, named } = wholeBook(records[keys.identities]);
  const ids = [...anonymous, ...named].map(({ id, secret }) => `${id} ${secret}`);
  return {
    decision: grant?.decision,
    servers: grant?.servers ?? [],
    own,
    chosen: chosenSettings(own, policy),
    ids,
  };
}

function policyNotes(before: Policy, after: Policy): ImportNote[] {
  const urls = (policy: Policy): string[] => policy.iceServers.flatMap((server) => server.urls);
  const newUrls = urls(after).filter((url) => !urls(before).includes(url));
  const isReplaced = after.iceServersMode === 'replace' && before.iceServersMode === 'add';
  const [limitsBefore, limitsAfter] = [before.limits, after.limits];
  return [
    ...when(after.defaultDecision === 'allow' && before.defaultDecision !== 'allow', 'allows-by-default'),
    ...when(after.defaultDecision === 'ask' && before.defaultDecision === 'block', 'asks-by-default'),
    ...noteOfServer(before.peerServer, after.peerServer),
    ...when(
      newUrls.length > 0,
      'ice-servers',
      newUrls.map((text) => ({ text })),
    ),
    ...when(isReplaced, 'ice-servers-only'),
    ...when(after.iceServersMode === 'add' && before.iceServersMode === 'replace', 'page-ice-servers'),
    ...PREFERENCES.flatMap((name) => when(isLoosened(name, before, after), SITE_SETTINGS[name].loosened.forAll)),
    ...when(
      (Object.keys(limitsAfter) as (keyof Limits)[]).some((name) => limitsAfter[name] > limitsBefore[name]),
      'limits-raised',
    ),
  ];
}

function siteNotes(sites: ComparedSite[]): ImportNote[] {
  const note = (
    what: ImportChange,
    isMeant: (site: ComparedSite) => boolean,
    words?: (site: ComparedSite) => string,
  ) => {
    const items = sites.filter(isMeant).map((compared): ImportItem => {
      return { site: compared.site, ...(words && { text: words(compared) }) };
    });
    return when(items.length > 0, what, items);
  };
  return [
    ...note('sites-allowed', ({ before, after }) => after.decision === 'allow' && before.decision !== 'allow'),
    ...note('sites-unblocked', ({ before, after }) => before.decision === 'block' && after.decision === 'ask'),
    ...note(
      'private-servers',
      (site) => newServers(site).length > 0,
      (site) => newServers(site).join(', '),
    ),
    ...PREFERENCES.flatMap((name) =>
      // A change of the policy alone has one note for all sites.
      note(SITE_SETTINGS[name].loosened.forSites, ({ before, after }) => {
        return before.own[name] !== after.own[name] && isLoosened(name, before.chosen, after.chosen);
      }),
    ),
    ...note('sites-permitted-more', ({ before, after }) => {
      return PERMISSIONS.some((name) => isLoosened(name, before.chosen, after.chosen));
    }),
    ...note('ids-brought', (site) => missing(site.before.ids, site.after.ids) > 0, brought),
    ...note('ids-replaced', (site) => missing(site.after.ids, site.before.ids) > 0, replaced),
  ];
}

function noteOfServer(before: OwnPeerServer | undefined, after: OwnPeerServer | undefined): ImportNote[] {
  if (!after) return when(before !== undefined, 'public-peer-server');
  const isOther = addressOf(after) !== (before && addressOf(before)) || after.key !== before?.key;
  return when(isOther, 'peer-server', [{ text: addressOf(after) }]);
}

function addressOf({ secure, host, port, path }: OwnPeerServer): string {
  return `${secure ? 'https' : 'http'}://${host}:${port}${path}`;
}

function newServers({ before, after }: ComparedSite): string[] {
  return after.servers.filter((server) => !before.servers.includes(server));
}

const brought = ({ before, after }: ComparedSite): string => String(missing(before.ids, after.ids));
const replaced = ({ before, after }: ComparedSite): string => String(missing(after.ids, before.ids));

/** How many of `ids` are not among `known`. */
function missing(known: readonly string[], ids: readonly string[]): number {
  return ids.filter((id) => !known.includes(id)).length;
}

function when(isSo: boolean, what: ImportChange, items: ImportItem[] = []): ImportNote[] {
  return isSo ? [{ what, items }] : [];
}
