/**
 * The nouns of the trade as they cross the wire and lie in the store.
 * Spoken by server and browser alike: nothing here may need Node or the DOM.
 */

export const LANGUAGES = ['de', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Who said or did something. `system` is Tresen itself, e.g. a timer. */
export type Actor =
  | { kind: 'contact'; id: string }
  | { kind: 'bot' }
  | { kind: 'agent'; id: string; name: string }
  | { kind: 'system' };

/** I4: a conversation has exactly one owner. */
export type Owner =
  | { kind: 'bot' }
  | { kind: 'queue'; queue: string }
  | { kind: 'agent'; id: string; name: string }
  | { kind: 'nobody' };

export const CHANNELS = ['web-chat'] as const;
export type Channel = (typeof CHANNELS)[number];

export const HANDOVER_REASONS = [
  'requested',
  'distress',
  'not_understood',
  'bot_unavailable',
] as const;
export type HandoverReason = (typeof HANDOVER_REASONS)[number];

/** What a knowledge entry is for; only articles appear on the help page. */
export const ARTICLE_KINDS = ['article', 'small-talk', 'hand-over', 'out-of-scope'] as const;
export type ArticleKind = (typeof ARTICLE_KINDS)[number];

export type ArticleText = { title: string; body: string; phrasings: string[] };

/** One knowledge entry, in every language; the bot answers from these and nothing else. */
export type Article = {
  id: string;
  kind: ArticleKind;
  topic: string;
  de: ArticleText;
  en: ArticleText;
};

export type CannedResponse = {
  id: string;
  shortcut: string;
  de: { title: string; text: string };
  en: { title: string; text: string };
};

/** A person who answers, as colleagues and contacts may see him. */
export type Agent = { id: string; name: string; email: string };

export const AVAILABILITIES = ['online', 'away'] as const;
export type Availability = (typeof AVAILABILITIES)[number];

/** A reply the contact can give with one click. `human` asks for a person. */
export type Choice =
  | { kind: 'article'; article: string; label: string }
  | { kind: 'human'; label: string };
