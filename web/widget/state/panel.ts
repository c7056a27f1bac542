/**
 * The app's side of the talk with the loader. The first well-formed message of the parent window
 * tells its origin; from then on only that origin is listened to and spoken to.
 */
import { isToApp, type ToLoader } from '../bridge.ts';
import type { Store } from './store.ts';

export type Panel = { close: () => void };

export function connectPanel(store: Store): Panel {
  let origin: string | undefined;
  let seen = 0;
  let told = 0;

  const post = (message: ToLoader) => {
    if (origin !== undefined) parent.postMessage(message, origin);
  };
  const count = () => {
    const { conversation, visible } = store.model;
    const events = conversation?.events ?? [];
    if (visible) seen = conversation?.state.seq ?? 0;
    const unread = events.filter(
      ({ seq, by, body }) => seq > seen && by.kind !== 'contact' && body.type === 'message.sent',
    ).length;
    if (unread !== told) post({ tresen: 'unread', count: unread });
    told = unread;
  };

  addEventListener('message', (event) => {
    if (parent === window || event.source !== parent || !isToApp(event.data)) return;
    origin ??= event.origin;
    if (event.origin === origin) store.setPanel(event.data.visible, event.data.page);
  });
  store.subscribe(count);
  return { close: () => post({ tresen: 'close' }) };
}
