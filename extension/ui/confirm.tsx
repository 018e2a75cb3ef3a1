// A modal dialog that asks before an irreversible action. Open as long as it is rendered. The browser keeps the focus inside;
// closing returns the focus to the element that had it.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { text } from '../platform/i18n';
import { Button } from './button';

export interface ConfirmProps {
  question: string;
  consequence: string;
  /** Further content between the consequence and the buttons. */
  children?: ComponentChildren;
  /** The label of the button that confirms. */
  action: string;
  onConfirm: () => void;
  onCancel: () => void;
}

export function Confirm({ question, consequence, children, action, onConfirm, onCancel }: ConfirmProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    const element = dialog.current!;
    const before = document.activeElement;
    element.showModal();
    // Removing an open dialog would lose the focus.
    return () => {
      element.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);

  return (
    <dialog
      ref={dialog}
      class="confirm"
      aria-labelledby={`${id}-question`}
      aria-describedby={`${id}-consequence`}
      onCancel={(event) => {
        // Only unmounting closes the dialog. If the browser closed it, the component would stay mounted, but hidden.
        event.preventDefault();
        onCancel();
      }}
    >
      <h2 id={`${id}-question`}>{question}</h2>
      <p id={`${id}-consequence`}>{consequence}</p>
      {children}
      <div class="actions">
        <Button onClick={onCancel}>{text('uiCancel')}</Button>
        <Button kind="danger" onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </dialog>
  );
}
