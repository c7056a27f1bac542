/** Sign-up by a one-time link: name, e-mail, a password that may be looked at. */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { ENDPOINTS, type Me, PASSWORD_LENGTH_MIN } from '../../../core/protocol/endpoints.ts';
import { useTexts } from '../state/settings.ts';
import { AccountFrame } from './account-frame.tsx';
import { passwordToggle } from './password-toggle.ts';
import { isEmail, useAccountForm } from './use-account-form.ts';

type Props = { token: string; onSignedIn: (me: Me) => void };

export function SignUp({ token, onSignedIn }: Props) {
  const texts = useTexts();
  const { account } = texts;
  const { form, fields, bind, submit, busy, refusal } = useAccountForm({
    address: ENDPOINTS.signUp,
    extra: { token },
    used: ['name', 'email', 'password'],
    check: ({ name, email, password }) => ({
      ...(name.trim() === '' ? { name: account.nameMissing } : {}),
      ...(isEmail(email) ? {} : { email: account.emailWrong }),
      ...(password.length < PASSWORD_LENGTH_MIN
        ? { password: account.passwordShort(PASSWORD_LENGTH_MIN - password.length) }
        : {}),
    }),
    onSignedIn,
  });
  const refused = refusal(texts);
  const hint = fields.password.length >= PASSWORD_LENGTH_MIN ? undefined : account.passwordHint;
  return (
    <AccountFrame>
      <h1>{account.signUpTitle}</h1>
      <p className="account-lead">{account.signUpLead}</p>
      <form ref={form} onSubmit={submit} noValidate className="account-form">
        <TextInput
          {...bind('name')}
          label={account.name}
          description={account.nameHint}
          autoComplete="name"
          size="md"
          maxLength={80}
        />
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
          description={hint?.(PASSWORD_LENGTH_MIN)}
          autoComplete="new-password"
          size="md"
        />
        <div role="alert">{refused && <p className="account-refused">{refused}</p>}</div>
        <Button type="submit" size="md" loading={busy}>
          {account.signUp}
        </Button>
      </form>
      <p className="account-foot">
        {account.haveAccount} <a href="#/sign-in">{account.signIn}</a>
      </p>
    </AccountFrame>
  );
}
