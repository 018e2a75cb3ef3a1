import type { ComponentChildren, Ref } from 'preact';

export interface ButtonProps {
  children: ComponentChildren;
  onClick: () => void;
  kind?: 'ordinary' | 'primary' | 'danger' | 'plain';
  isSmall?: boolean;
  isDisabled?: boolean;
  /** The accessible name, if several buttons of a page have the same visible text. */
  label?: string | undefined;
  describedBy?: string;
  isExpanded?: boolean;
  controls?: string;
  buttonRef?: Ref<HTMLButtonElement>;
}

export function Button(props: ButtonProps) {
  const { children, onClick, kind = 'ordinary', isSmall = false, isDisabled = false } = props;
  return (
    <button
      type="button"
      ref={props.buttonRef ?? null}
      class={`button ${kind}${isSmall ? ' small' : ''}`}
      disabled={isDisabled}
      aria-label={props.label}
      aria-describedby={props.describedBy}
      aria-expanded={props.isExpanded}
      aria-controls={props.controls}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
