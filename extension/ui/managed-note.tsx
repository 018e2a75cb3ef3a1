import { text } from '../platform/i18n';

/** Why something cannot be changed. */
export function ManagedNote({ id }: { id?: string }) {
  return (
    <p id={id} class="managed">
      {text('uiManaged')}
    </p>
  );
}
