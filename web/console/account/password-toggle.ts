/** Names the eye of a password field in the person's language and keeps it in the tab order. */
import type { PasswordInputProps } from '@mantine/core';
import type { Texts } from '../texts/texts.ts';

export const passwordToggle = (account: Texts['account']): Partial<PasswordInputProps> => ({
  visibilityToggleButtonProps: {
    'aria-label': `${account.passwordShow} / ${account.passwordHide}`,
    tabIndex: 0,
    'aria-hidden': false,
  },
});
