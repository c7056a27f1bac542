/** The HTTP addresses and bodies that server and browser share. */
import type { Agent, Language } from './entities.ts';

export const ENDPOINTS = {
  widgetConfig: '/api/widget',
  health: '/api/health',
  signUp: '/api/sign-up',
  signIn: '/api/sign-in',
  signOut: '/api/sign-out',
  me: '/api/me',
  invitations: '/api/invitations',
  cannedResponses: '/api/canned-responses',
} as const;

/** GET widgetConfig: what the widget needs before it connects; no personal data. */
export type WidgetConfig = {
  company: string;
  /** WebSocket address; a path beginning with / means: same origin. */
  socket: string;
  /** Questions to begin with, by language: the article's title. */
  questions: Record<Language, { article: string; label: string }[]>;
  serviceHours: Record<Language, string>;
};

/** GET me: 200 with this, or 401. `socket` as in WidgetConfig. */
export type Me = { agent: Agent; socket: string; company: string };

/** POST signUp and signIn; both set the sign-in cookie and answer with `Me`. */
export type SignUpBody = { token: string; name: string; email: string; password: string };
export type SignInBody = { email: string; password: string };

/** POST invitations: a one-time link for a colleague. */
export type Invitation = { link: string; expiresAt: number };

/** Every refused HTTP request has this body. */
export type HttpRefusal = { refused: string; detail?: string };

export const PASSWORD_LENGTH_MIN = 10;
export const PASSWORD_LENGTH_MAX = 200;
