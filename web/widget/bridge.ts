/**
 * What loader (on the company's page) and app (in the iframe) say to each other by postMessage.
 * Both check origin and source; a message of another shape is ignored. Never a token, never a text
 * of the conversation: only whether the panel is seen and how much is unread.
 */
export type ToApp = {
  tresen: 'panel';
  visible: boolean;
  /** Address of the page without query and fragment, for the agent's orientation. */
  page: string;
};

export type ToLoader = { tresen: 'close' } | { tresen: 'unread'; count: number };

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null;

export const isToApp = (data: unknown): data is ToApp =>
  isObject(data) &&
  data['tresen'] === 'panel' &&
  typeof data['visible'] === 'boolean' &&
  typeof data['page'] === 'string';

export const isToLoader = (data: unknown): data is ToLoader =>
  isObject(data) &&
  (data['tresen'] === 'close' ||
    (data['tresen'] === 'unread' && Number.isSafeInteger(data['count'])));
