import type { ComponentChildren, Ref } from 'preact';

export interface ButtonProps {
  children: ComponentChildren;
  onClick: () => void;
  kind?: 'ordinary' | 'primary' | 'danger' | 'plain';
  isSmall?: boolean;
  isDisabled?: boolean;
  /** Says more than the visible text, where many buttons of a page have the same. */
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
