/**
 * The life of an account form: what is typed, which fields are wrong, what the server refused.
 * A refusal is kept as its code, so that it changes with the language.
 */
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { Me } from '../../../core/protocol/endpoints.ts';
import { post, UNREACHABLE } from '../state/http.ts';
import { refusalText, type Texts } from '../texts/texts.ts';

export type Fields = { name: string; email: string; password: string };
export type Mistakes = Partial<Record<keyof Fields, string>>;

type Options = {
  address: string;
  extra: Record<string, string>;
  used: readonly (keyof Fields)[];
  check: (fields: Fields) => Mistakes;
  onSignedIn: (me: Me) => void;
};

export const isEmail = (text: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text.trim());

export function useAccountForm({ address, extra, used, check, onSignedIn }: Options) {
  const [fields, setFields] = useState<Fields>({ name: '', email: '', password: '' });
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string>();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const mistakes = tried ? check(fields) : {};

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    setRefused(undefined);
    const wrong = used.find((field) => check(fields)[field]);
    if (wrong) {
      form.current?.querySelector<HTMLInputElement>(`[name="${wrong}"]`)?.focus();
      return;
    }
    setBusy(true);
    const given = Object.fromEntries(
      used.map((field) => [field, field === 'password' ? fields[field] : fields[field].trim()]),
    );
    const answer = await post<Me>(address, { ...extra, ...given });
    setBusy(false);
    if (answer.ok) onSignedIn(answer.value);
    else setRefused(answer.refused);
  };
  const bind = (field: keyof Fields) => ({
    name: field,
    value: fields[field],
    error: mistakes[field],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setFields((before) => ({ ...before, [field]: value }));
    },
  });
  const refusal = (texts: Texts) =>
    refused && (refused === UNREACHABLE ? texts.account.unreachable : refusalText(texts, refused));
  return { form, fields, bind, submit, busy, refusal };
}
