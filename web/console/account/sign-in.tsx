/** Sign-in with e-mail and password. */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { ENDPOINTS, type Me } from '../../../core/protocol/endpoints.ts';
import { useTexts } from '../state/settings.ts';
import { AccountFrame } from './account-frame.tsx';
import { passwordToggle } from './password-toggle.ts';
import { isEmail, useAccountForm } from './use-account-form.ts';

export function SignIn({ onSignedIn }: { onSignedIn: (me: Me) => void }) {
  const texts = useTexts();
  const { account } = texts;
  const { form, fields, bind, submit, busy, refusal } = useAccountForm({
    address: ENDPOINTS.signIn,
    extra: {},
    used: ['email', 'password'],
    check: ({ email, password }) => ({
      ...(isEmail(email) ? {} : { email: account.emailWrong }),
      ...(password === '' ? { password: account.passwordMissing } : {}),
    }),
    onSignedIn,
  });
  const refused = refusal(texts);
  return (
    <AccountFrame>
      <h1>{account.signInTitle}</h1>
      <p className="account-lead">{account.signInLead}</p>
      <form ref={form} onSubmit={submit} noValidate className="account-form">
        <TextInput
          {...bind('email')}
          label={account.email}
          type="email"
          autoComplete="username"
          size="md"
        />
        <PasswordInput
          {...bind('password')}
          {...passwordToggle(account)}
          label={account.password}
          autoComplete="current-password"
          size="md"
        />
        <div role="alert">{refused && <p className="account-refused">{refused}</p>}</div>
        <Button type="submit" size="md" loading={busy} disabled={fields.email === '' && busy}>
          {account.signIn}
        </Button>
      </form>
      <p className="account-foot">{account.noAccount}</p>
    </AccountFrame>
  );
}
