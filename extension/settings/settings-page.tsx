// The frame of the settings page. The address's hash names the current section, so that links and the back button work.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { FunctionComponent } from 'preact';
import { text } from '../platform/i18n';
import { DataSection } from './data-section';
import { GeneralSection } from './general-section';
import { LogSection } from './log-section';
import { ServersSection } from './servers-section';
import { SitesSection } from './sites-section';

interface Section {
  name: string;
  title: () => string;
  content: FunctionComponent;
}

const SECTIONS: [Section, ...Section[]] = [
  { name: 'general', title: () => text('settingsGeneral'), content: GeneralSection },
  { name: 'sites', title: () => text('settingsSites'), content: SitesSection },
  { name: 'servers', title: () => text('settingsServers'), content: ServersSection },
  { name: 'log', title: () => text('settingsLog'), content: LogSection },
  { name: 'data', title: () => text('settingsData'), content: DataSection },
];

export function SettingsPage() {
  const section = useNamedSection();
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(section);

  useEffect(() => {
    // Moves the focus only after a change of section, not when the page opens.
    if (shown.current !== section) heading.current?.focus();
    shown.current = section;
  }, [section]);

  return (
    <div class="frame">
      <header>
        <h1 class="brand">
          <img src="/icons/icon-48.png" width="28" height="28" alt="" />
          {text('settingsTitle')}
        </h1>
        <nav aria-label={text('settingsSections')}>
          {SECTIONS.map(({ name, title }) => (
            <a key={name} href={`#${name}`} aria-current={name === section.name ? 'page' : undefined}>
              {title()}
            </a>
          ))}
        </nav>
      </header>
      <main>
        <h2 ref={heading} tabIndex={-1}>
          {section.title()}
        </h2>
        <section.content key={section.name} />
      </main>
    </div>
  );
}

function useNamedSection(): Section {
  const [section, setSection] = useState(namedSection);
  useEffect(() => {
    const follow = (): void => setSection(namedSection());
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);
  return section;
}

function namedSection(): Section {
  return SECTIONS.find(({ name }) => location.hash === `#${name}`) ?? SECTIONS[0];
}
