// The settings page, a full tab. Shows the background's data and never owns it. Each change is saved at once.
import { text } from '../platform/i18n';
import { startPage } from '../ui/start-page';
import { SettingsPage } from './settings-page';

startPage(text('settingsTitle'), <SettingsPage />);
