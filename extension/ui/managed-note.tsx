import { text } from '../platform/i18n';

/** Explains that an administrator has set a setting, so that the user cannot change it. */
export function ManagedNote({ id }: { id?: string }) {
  return (
    <p id={id} class="managed">
      {text('uiManaged')}
    </p>
  );
}
