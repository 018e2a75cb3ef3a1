// Checks the locale files: every language has the messages of English, and the code uses all of them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { TextKey } from '../../../extension/platform/i18n';
import german from '../../../extension/public/_locales/de/messages.json';

interface Message {
  message: string;
  description?: string;
  placeholders?: Record<string, { content: string; example?: string }>;
}
type Messages = Record<string, Message>;

const EXTENSION = fileURLToPath(new URL('../../../extension', import.meta.url));
const LOCALES = join(EXTENSION, 'public', '_locales');
const languages = readdirSync(LOCALES);

/** The limit of Chrome's and Firefox's stores for a description, in characters. */
const LONGEST_DESCRIPTION = 132;

function read(language: string): Messages {
  return JSON.parse(readFileSync(join(LOCALES, language, 'messages.json'), 'utf8')) as Messages;
}

/** All code that may name a message: the extension's sources, the table of a site's settings, and the manifest. */
function sources(): string {
  const files = readdirSync(EXTENSION, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  const others = ['manifest.json', 'src/protocol/site-settings.ts'].map((file) => join(EXTENSION, '..', file));
  return [...files, ...others].map((file) => readFileSync(file, 'utf8')).join('\n');
}

/** The names between dollar signs, in lower case, as browsers compare them. */
function namesIn(message: string): string[] {
  return [...message.matchAll(/\$(\w+)\$/g)].map(([, name = '']) => name.toLowerCase()).sort();
}

/** The type check names the German file if it lacks a text. */
german satisfies Record<TextKey, Message>;

const english = read('en');

it('the texts exist in English and German', () => {
  expect(languages).toEqual(expect.arrayContaining(['en', 'de']));
});

describe.each(languages)('the messages in %s', (language) => {
  const messages = read(language);

  it('have the same keys as English, in the same order', () => {
    expect(Object.keys(messages)).toEqual(Object.keys(english));
  });

  it('are not empty', () => {
    const empty = Object.keys(messages).filter((key) => messages[key]?.message.trim() === '');
    expect(empty).toEqual([]);
  });

  it('have the same placeholders as English', () => {
    const contents = ({ placeholders = {} }: Message) =>
      Object.fromEntries(Object.entries(placeholders).map(([name, { content }]) => [name, content]));
    for (const [key, message] of Object.entries(messages)) {
      expect({ key, placeholders: contents(message) }).toEqual({ key, placeholders: contents(english[key]!) });
    }
  });

  it('use each placeholder once, and no undefined one', () => {
    for (const [key, { message, placeholders = {} }] of Object.entries(messages)) {
      expect({ key, names: namesIn(message) }).toEqual({ key, names: Object.keys(placeholders).sort() });
    }
  });

  it('declare their language and its direction', () => {
    expect(messages.languageTag?.message).toBe(language.replace('_', '-'));
    expect(messages.languageDirection?.message).toMatch(/^(ltr|rtl)$/);
  });

  it('keep the extension’s description within the stores’ limit', () => {
    expect(messages.extensionDescription?.message.length).toBeLessThanOrEqual(LONGEST_DESCRIPTION);
  });
});

it('every message is used in the code', () => {
  const code = sources();
  const isUsed = (key: string) => code.includes(`'${key}'`) || code.includes(`__MSG_${key}__`);
  expect(Object.keys(english).filter((key) => !isUsed(key))).toEqual([]);
});

it('every message that the manifest names exists', () => {
  const named = [...sources().matchAll(/__MSG_(\w+)__/g)].map(([, key = '']) => key);
  expect(named.filter((key) => !Object.hasOwn(english, key))).toEqual([]);
});
