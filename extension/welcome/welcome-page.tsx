// The welcome page's content: three sentences about Peerport, and the self-test.
import { text } from '../platform/i18n';
import { SelfTest } from './self-test-view';

export function WelcomePage() {
  return (
    <main>
      <header>
        <img src="/icons/icon-128.png" width="72" height="72" alt="" />
        <h1>{text('welcomeHeading')}</h1>
      </header>
      <ol class="promises">
        <li>{text('welcomeConnects')}</li>
        <li>{text('welcomeAsks')}</li>
        <li>{text('welcomeKeeps')}</li>
      </ol>
      <SelfTest />
      <footer>
        <p class="quiet">{text('welcomePin')}</p>
        <a href="/extension/settings/index.html">{text('welcomeSettings')}</a>
      </footer>
    </main>
  );
}
