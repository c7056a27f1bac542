/**
 * Who is here decides what is shown: nobody yet (loading), a stranger (account pages), an agent
 * (the desk). The desk is made once per sign-in and closed when it ends.
 */
import { useEffect, useState } from 'react';
import { ENDPOINTS, type Me } from '../../core/protocol/endpoints.ts';
import { AccountFrame } from './account/account-frame.tsx';
import { SignIn } from './account/sign-in.tsx';
import { SignUp } from './account/sign-up.tsx';
import { DeskPage } from './shell/desk-page.tsx';
import { forgetDrafts } from './state/drafts.ts';
import { get, post, UNREACHABLE } from './state/http.ts';
import { goTo, useRoute } from './state/route.ts';
import { useLanguage, useTexts } from './state/settings.ts';

type Who = { is: 'loading' } | { is: 'stranger' } | { is: 'unreachable' } | { is: 'agent'; me: Me };

const RETRY_MS = 3_000;

export function App() {
  const [who, setWho] = useState<Who>({ is: 'loading' });
  const route = useRoute();
  const language = useLanguage();
  const { account } = useTexts();

  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);

  useEffect(() => {
    if (who.is !== 'loading' && who.is !== 'unreachable') return;
    const look = async () => {
      const answer = await get<Me>(ENDPOINTS.me);
      if (answer.ok) setWho({ is: 'agent', me: answer.value });
      else setWho({ is: answer.refused === UNREACHABLE ? 'unreachable' : 'stranger' });
    };
    const timer = setTimeout(look, who.is === 'loading' ? 0 : RETRY_MS);
    return () => clearTimeout(timer);
  }, [who]);

  const signedIn = (me: Me) => {
    setWho({ is: 'agent', me });
    if (route.page !== 'conversation') goTo('#/');
  };
  const expired = () => setWho({ is: 'stranger' });
  const signOut = () => {
    void post(ENDPOINTS.signOut);
    forgetDrafts();
    setWho({ is: 'stranger' });
    goTo('#/sign-in');
  };

  if (route.page === 'sign-up') return <SignUp token={route.token} onSignedIn={signedIn} />;
  if (who.is === 'agent') {
    const { me } = who;
    return <DeskPage key={me.agent.id} me={me} onSignOut={signOut} onExpired={expired} />;
  }
  if (who.is === 'stranger') return <SignIn onSignedIn={signedIn} />;
  return (
    <AccountFrame>
      <p className="account-wait" role="status">
        {who.is === 'loading' ? account.working : account.unreachable}
      </p>
    </AccountFrame>
  );
}
