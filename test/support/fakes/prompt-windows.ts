// Fake prompt windows, which are only numbers.
import type { PromptWindows } from '../../../extension/background/prompts';

export class FakePromptWindows implements PromptWindows {
  /** Prompt ID by window ID. */
  readonly shown = new Map<number, string>();
  readonly opened: { promptId: string; over: number | undefined; hasFocus: boolean }[] = [];
  readonly focused: number[] = [];

  async open(promptId: string, over: number | undefined, hasFocus: boolean): Promise<number> {
    this.opened.push({ promptId, over, hasFocus });
    const windowId = 100 + this.opened.length;
    this.shown.set(windowId, promptId);
    return windowId;
  }

  async has(windowId: number): Promise<boolean> {
    return this.shown.has(windowId);
  }

  async focus(windowId: number): Promise<void> {
    this.focused.push(windowId);
  }

  async close(windowId: number): Promise<void> {
    this.shown.delete(windowId);
  }
}
