// A highlighted notice that the user must not overlook.
import type { ComponentChildren } from 'preact';

export interface NoticeProps {
  kind?: 'info' | 'good' | 'warning' | 'danger';
  /** Whether the notice appears after the page has loaded, so that a screen reader announces it at once. */
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
