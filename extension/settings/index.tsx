// The settings page: a full tab. A view of what the background keeps, never its owner; each change is saved at once.
import { text } from '../platform/i18n';
import { startPage } from '../ui/start-page';
import { SettingsPage } from './settings-page';

startPage(text('settingsTitle'), <SettingsPage />);
