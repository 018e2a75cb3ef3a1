// Asks before something is done that cannot be undone. Rendered while it is open; the browser keeps the focus inside, and
// gives it back afterwards.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { text } from '../platform/i18n';
import { Button } from './button';

export interface ConfirmProps {
  question: string;
  consequence: string;
  /** What there is to read before the answer. */
  children?: ComponentChildren;
  /** The text of the button that does it. */
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
    // Taken away while open, it would leave the focus nowhere.
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
        // It goes with its component; closed by itself, it would stay there unseen.
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
