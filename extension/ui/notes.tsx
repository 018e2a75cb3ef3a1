// The notes below a setting, which screen readers read with it: its meaning, and why it cannot be changed.
import type { ComponentChildren } from 'preact';
import { ManagedNote } from './managed-note';

export interface NotesProps {
  /** For the setting's `aria-describedby`. */
  id: string;
  hint: ComponentChildren;
  isManaged: boolean;
}

export function Notes({ id, hint, isManaged }: NotesProps) {
  return (
    <div id={id} class="notes">
      {hint !== undefined && <p class="hint">{hint}</p>}
      {isManaged && <ManagedNote />}
    </div>
  );
}
