// A sentence that must not be overlooked.
import type { ComponentChildren } from 'preact';

export interface NoticeProps {
  kind?: 'info' | 'good' | 'warning' | 'danger';
  /** It appears while the user looks on, so a screen reader says it at once. */
  isNews?: boolean;
  children: ComponentChildren;
}

export function Notice({ kind = 'info', isNews = false, children }: NoticeProps) {
  return (
    <div class={`notice ${kind}`} role={isNews ? 'alert' : undefined}>
      {children}
    </div>
  );
}
