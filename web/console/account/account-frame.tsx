/** The quiet page around sign-in and sign-up, with the language switch. */
import type { ReactNode } from 'react';
import { LANGUAGES } from '../../../core/protocol/entities.ts';
import { Mark } from '../shell/mark.tsx';
import { changeSettings, useLanguage } from '../state/settings.ts';

const OWN_NAME = { de: 'Deutsch', en: 'English' };

export function AccountFrame({ children }: { children: ReactNode }) {
  const language = useLanguage();
  return (
    <main className="account">
      <div className="account-card">
        <p className="account-brand">
          <Mark size={36} />
          <span>Tresen</span>
        </p>
        {children}
      </div>
      <div className="account-languages">
        {LANGUAGES.map((one) => (
          <button
            key={one}
            type="button"
            className="link-button"
            lang={one}
            aria-pressed={one === language}
            onClick={() => changeSettings({ language: one })}
          >
            {OWN_NAME[one]}
          </button>
        ))}
      </div>
    </main>
  );
}
