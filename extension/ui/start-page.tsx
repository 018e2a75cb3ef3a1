// Starts a page of the extension: sets its language, direction and title, and renders its content.
import { render, type ComponentChild } from 'preact';
import { declareLanguage } from '../platform/i18n';

export function startPage(title: string, content: ComponentChild): void {
  declareLanguage(document.documentElement);
  document.title = title;
  render(content, document.body);
}
