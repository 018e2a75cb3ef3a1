// The schema of a site's name in stored and imported data.
import * as v from 'valibot';

/** Longer than any host name can be. */
const MAX_ORIGIN_LENGTH = 512;

const origin = v.pipe(
  v.string(),
  v.maxLength(MAX_ORIGIN_LENGTH, 'is too long for an origin'),
  v.check(isWebOrigin, 'is not the origin of an http or https page, such as https://chat.example'),
);

/** `null` is a page or a frame without a web address. */
const around = v.union([v.literal('null'), origin], 'is not an origin');

/** Foreign origins between a document and its page: more than honest pages nest. A prompt has to show them all. */
export const MAX_ANCESTORS = 4;

export const siteNameMembers = {
  origin,
  ancestors: v.optional(
    v.pipe(v.array(around), v.minLength(1), v.maxLength(MAX_ANCESTORS, `must be ${MAX_ANCESTORS} at most`)),
  ),
  topOrigin: v.optional(around),
};

function isWebOrigin(text: string): boolean {
  try {
    const { protocol, origin } = new URL(text);
    return (protocol === 'http:' || protocol === 'https:') && origin === text;
  } catch {
    return false;
  }
}
