/** Says when the connection is away, since when, and after coming back what was loaded. */
import { useEffect, useState } from 'react';
import { IconCheck, IconOffline } from '../icons.ts';
import { useView } from '../state/desk-context.ts';
import { useLanguage, useTexts } from '../state/settings.ts';
import { time } from '../texts/format.ts';

/** A short blink of the network is not worth a banner. */
const SHOW_AFTER_MS = 700;

export function ConnectionBanner() {
  const { connection } = useTexts();
  const language = useLanguage();
  const status = useView((view) => view.status);
  const since = useView((view) => view.since);
  const catchUp = useView((view) => view.catchUp);
  const stopped = useView((view) => view.stopped);
  const away = useLater(status !== 'live', SHOW_AFTER_MS);

  return (
    <div className="banner-place" role="status">
      {stopped && (
        <p className="banner" data-kind="offline">
          <IconOffline size={17} aria-hidden />
          {connection.stopped}
          <button type="button" className="link-button" onClick={() => location.reload()}>
            {connection.reload}
          </button>
        </p>
      )}
      {!stopped && away && status !== 'live' && (
        <p className="banner" data-kind="offline">
          <IconOffline size={17} aria-hidden />
          {status === 'offline' ? connection.offline(time(language, since)) : connection.connecting}
          {status === 'offline' && <span className="banner-hint">{connection.offlineHint}</span>}
        </p>
      )}
      {status === 'live' && catchUp && (
        <p className="banner" data-kind="back">
          <IconCheck size={17} aria-hidden />
          {caughtUpText(connection, catchUp)}
        </p>
      )}
    </div>
  );
}

type Words = ReturnType<typeof useTexts>['connection'];

function caughtUpText(words: Words, { messages, rows }: { messages: number; rows: number }) {
  if (messages === 0 && rows === 0) return words.caughtUp;
  const parts = [words.loaded(messages)];
  if (rows > 0) parts.push(words.changed(rows));
  return parts.join(' · ');
}

/** @returns true once `on` has been true for `ms` */
function useLater(on: boolean, ms: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!on) return setLate(false);
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [on, ms]);
  return late;
}
