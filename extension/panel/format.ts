// Formats figures in the user's language.
import { text } from '../platform/i18n';

const UNITS = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
const STEP = 1000;

const formats = new Map<string, Intl.NumberFormat>();

export function formatBytes(bytes: number): string {
  return withUnit(bytes, (unit) => unit);
}

/** `bytes`: bytes per second. */
export function formatRate(bytes: number): string {
  return withUnit(bytes, (unit) => `${unit}-per-second`);
}

export function formatMilliseconds(milliseconds: number): string {
  return numberFormat({ style: 'unit', unit: 'millisecond', maximumFractionDigits: 0 }).format(milliseconds);
}

/** As on a clock: `0:42`, `1:02:03`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? whole(part) : twoDigits(part))).join(':');
}

export function formatCount(count: number): string {
  return whole(count);
}

function withUnit(bytes: number, unitFor: (unit: (typeof UNITS)[number]) => string): string {
  const power = Math.min(UNITS.length, Math.max(1, Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(STEP))));
  const value = bytes / STEP ** power;
  const unit = unitFor(UNITS[power - 1]!);
  return numberFormat({ style: 'unit', unit, maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}

function whole(value: number): string {
  return numberFormat({ maximumFractionDigits: 0 }).format(value);
}

function twoDigits(value: number): string {
  return numberFormat({ minimumIntegerDigits: 2 }).format(value);
}

/** Cached, because constructing a format takes longer than using it. */
function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  const format = formats.get(key) ?? new Intl.NumberFormat(text('languageTag'), options);
  formats.set(key, format);
  return format;
}
