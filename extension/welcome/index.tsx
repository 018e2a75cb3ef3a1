// The page that is opened once, after installation: what Peerport does, and proof that it works here.
import { text } from '../platform/i18n';
import { startPage } from '../ui/start-page';
import { WelcomePage } from './welcome-page';

startPage(text('welcomeTitle'), <WelcomePage />);
