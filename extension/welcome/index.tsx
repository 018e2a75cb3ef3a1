// The welcome page, opened once after installation: explains Peerport and offers a self-test.
import { text } from '../platform/i18n';
import { startPage } from '../ui/start-page';
import { WelcomePage } from './welcome-page';

startPage(text('welcomeTitle'), <WelcomePage />);
