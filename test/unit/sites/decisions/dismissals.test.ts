import { describe, expect, it } from 'vitest';
import {
  dismissalKeys,
  dismissalsOf,
  isMuted,
  keysForgivenByAnswer,
  withDismissal,
} from '../../../../src/sites/decisions/dismissals';
import type { PlacedSite } from '../../../../src/sites/records/record-keys';

const NEWS = 'https://news.example';

function site(origin: string, topOrigin?: string, isPrivate = false): PlacedSite {
  return { origin, isPrivate, ...(topOrigin !== undefined && { topOrigin }) };
}

/** The records after a prompt about each of these sites was dismissed. */
function after(...sites: PlacedSite[]): Record<string, unknown> {
  return sites.reduce<Record<string, unknown>>((kept, site) => ({ ...kept, ...withDismissal(site, kept) }), {});
}

const subdomains = [1, 2, 3].map((n) => `https://a${n}.evil.example`);

describe('dismissals', () => {
  it('silence a site after three, and are counted for the site itself', () => {
    const chat = site('https://chat.example');
    expect(isMuted(chat, after(chat, chat))).toBe(false);
    expect(isMuted(chat, after(chat, chat, chat))).toBe(true);
    expect(dismissalsOf(chat, after(chat, chat, site('https://sub.chat.example')))).toBe(2);
  });

  it('silence every subdomain, whichever subdomains they were about', () => {
    const kept = after(...subdomains.map((origin) => site(origin)));
    expect(isMuted(site('https://another.evil.example'), kept)).toBe(true);
    expect(isMuted(site('https://evil.example'), kept)).toBe(true);
    expect(isMuted(site('https://good.example'), kept)).toBe(false);
  });

  it('silence all sites embedded in a page and its other subdomains, whichever sites they were about', () => {
    const kept = after(...[1, 2, 3].map((n) => site(`https://${n}.example`, `https://p${n}.news.example`)));
    expect(isMuted(site('https://4.example', NEWS), kept)).toBe(true);
    expect(isMuted(site(NEWS), kept)).toBe(true);
    expect(isMuted(site('https://4.example', 'https://elsewhere.example'), kept)).toBe(false);
  });

  it('silence embedded sites of one domain in all pages, but not the domain’s own pages', () => {
    const kept = after(...subdomains.map((origin, n) => site(origin, `https://page${n}.example`)));
    expect(isMuted(site('https://a4.evil.example', NEWS), kept)).toBe(true);
    expect(isMuted(site('https://a4.evil.example'), kept)).toBe(false);
  });

  it('are counted apart for sites on shared hosting', () => {
    const kept = after(...[1, 2, 3].map(() => site('https://one.github.io')));
    expect(isMuted(site('https://one.github.io'), kept)).toBe(true);
    expect(isMuted(site('https://two.github.io'), kept)).toBe(false);
  });

  it('are counted apart in private windows', () => {
    const kept = after(...subdomains.map((origin) => site(origin, undefined, true)));
    expect(isMuted(site('https://evil.example', undefined, true), kept)).toBe(true);
    expect(isMuted(site('https://evil.example'), kept)).toBe(false);
  });

  it('of a page stay when the user allows a site that it embeds', () => {
    const embedded = site('https://1.example', NEWS);
    expect(dismissalKeys(embedded)).toEqual(expect.arrayContaining(dismissalKeys(site(NEWS)).slice(1)));
    expect(keysForgivenByAnswer(embedded)).not.toEqual(expect.arrayContaining(dismissalKeys(site(NEWS)).slice(1)));
    expect(keysForgivenByAnswer(site(NEWS))).toEqual(dismissalKeys(site(NEWS)));
  });
});
