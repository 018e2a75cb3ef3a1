// The schema of a site's name in stored and imported data.
import * as v from 'valibot';

/** Longer than any host name can be. */
const MAX_ORIGIN_LENGTH = 512;

const origin = v.pipe(
  v.string(),
  v.maxLength(MAX_ORIGIN_LENGTH, 'is too long for an origin'),
  v.check(isWebOrigin, 'is not the origin of an http or https page, such as https://chat.example'),
);

export const siteNameMembers = {
  origin,
  /** `null` is the page without a web address. */
  topOrigin: v.optional(v.union([v.literal('null'), origin], 'is not an origin')),
};

function isWebOrigin(text: string): boolean {
  try {
    const { protocol, origin } = new URL(text);
    return (protocol === 'http:' || protocol === 'https:') && origin === text;
  } catch {
    return false;
  }
}
