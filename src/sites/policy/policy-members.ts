// What each member of the policy may be, whoever sets it: the user, an administrator, or a file that is imported.
import * as v from 'valibot';
import { MAX_SITE_LIMITS } from '../../protocol/host-limits';
import { parseServerOptions } from '../../protocol/peer-server';
import { columnOf, PREFERENCES } from '../../protocol/site-settings';
import type { Limits } from '../../protocol/ui-messages';
import type { LenientRecord } from '../records/lenient-record';

const MAX_TEXT_LENGTH = 1024;
const MAX_ICE_SERVERS = 32;
const MAX_URLS = 16;

const text = v.pipe(v.string(), v.nonEmpty('must not be empty'), v.maxLength(MAX_TEXT_LENGTH));
const iceUrl = v.pipe(text, v.regex(/^(stuns?|turns?):\S+$/, 'must begin with stun:, stuns:, turn: or turns:'));
/** A limit of none at all would be a block, which there is another word for; one site gets no more than the host can spare. */
const limit = (name: keyof Limits) =>
  v.pipe(
    v.number(),
    v.safeInteger('must be a whole number'),
    v.minValue(1, 'must be 1 or more'),
    v.maxValue(MAX_SITE_LIMITS[name], `must be ${MAX_SITE_LIMITS[name]} or less`),
  );

export const POLICY_MEMBERS = {
  defaultDecision: v.picklist(['ask', 'allow', 'block']),
  peerServer: v.pipe(
    v.strictObject({ host: v.string(), port: v.number(), path: v.string(), secure: v.boolean(), key: v.string() }),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const parsed = parseServerOptions(dataset.value);
      if ('server' in parsed) return parsed.server;
      const { option, message } = parsed.problem;
      const place = { key: option, value: dataset.value[option] };
      addIssue({ message, path: [{ type: 'object', origin: 'value', input: dataset.value, ...place }] });
      return NEVER;
    }),
  ),
  iceServers: v.pipe(
    v.array(
      v.strictObject({
        urls: v.pipe(v.array(iceUrl), v.minLength(1, 'must name at least one URL'), v.maxLength(MAX_URLS)),
        username: v.optional(v.pipe(v.string(), v.maxLength(MAX_TEXT_LENGTH))),
        credential: v.optional(v.pipe(v.string(), v.maxLength(MAX_TEXT_LENGTH))),
      }),
    ),
    v.maxLength(MAX_ICE_SERVERS),
  ),
  iceServersMode: v.picklist(['add', 'replace']),
  ...columnOf(PREFERENCES, 'schema'),
  limits: v.strictObject({
    peers: limit('peers'),
    connections: limit('connections'),
    queuedBytes: limit('queuedBytes'),
  }),
};

export type PolicyMembers = LenientRecord<typeof POLICY_MEMBERS>;
