import { text } from '../platform/i18n';

/** Why something cannot be changed. */
export function ManagedNote() {
  return <p class="managed">{text('settingsManaged')}</p>;
}
