// Renders the background's answer, or a notice that it did not answer.
import type { ComponentChildren } from 'preact';
import { text } from '../platform/i18n';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import type { Answer } from '../ui/use-answer';

export function Answered<Value>({
  answer,
  children,
}: {
  answer: Answer<Value>;
  children: (value: Value) => ComponentChildren;
}) {
  const { value, isFailed, reload } = answer;
  return (
    <>
      {isFailed && (
        <Notice kind="danger" isNews>
          <p>{text('settingsUnanswered')}</p>
          <p class="actions">
            <Button isSmall onClick={() => void reload()}>
              {text('settingsTryAgain')}
            </Button>
          </p>
        </Notice>
      )}
      {value !== undefined && children(value)}
    </>
  );
}
