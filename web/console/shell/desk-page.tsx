/** The signed-in page: makes the desk, tells refusals in words, lays out the three panes. */
import { notifications } from '@mantine/notifications';
import { useEffect, useState } from 'react';
import type { Me } from '../../../core/protocol/endpoints.ts';
import { ContextPane } from '../context/context-pane.tsx';
import { ConversationPane } from '../conversation/conversation-pane.tsx';
import { ListPane } from '../list/list-pane.tsx';
import { Desk } from '../state/desk.ts';
import { DeskContext, useDesk, useView } from '../state/desk-context.ts';
import { claimDrafts } from '../state/drafts.ts';
import { useRoute } from '../state/route.ts';
import { textsNow, useTexts } from '../state/settings.ts';
import { useLoadCanned } from '../state/use-canned.ts';
import { refusalText } from '../texts/texts.ts';
import { CheatSheet } from './cheat-sheet.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { Palette } from './palette.tsx';
import { playWaiting } from './sound.ts';
import { TopBar } from './top-bar.tsx';
import { useKeyboard } from './use-keyboard.ts';

/** Refusal and new owner arrive one after the other: the name is worth this short wait. */
const OWNER_ARRIVES_MS = 150;

type Props = { me: Me; onSignOut: () => void; onExpired: () => void };

export function DeskPage({ me, onSignOut, onExpired }: Props) {
  const [desk, setDesk] = useState<Desk>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: one desk per person, not per render
  useEffect(() => {
    claimDrafts(me.agent.id);
    const made = new Desk(me, {
      onRefused: ({ code, conversation, quiet }) => {
        if (quiet) return;
        setTimeout(() => tellRefusal(made, code, conversation), OWNER_ARRIVES_MS);
      },
      onWaiting: playWaiting,
      onSignedOut: onExpired,
    });
    setDesk(made);
    return () => made.close();
  }, [me.agent.id]);
  if (!desk) return null;
  return (
    <DeskContext value={desk}>
      <DeskLayout onSignOut={onSignOut} />
    </DeskContext>
  );
}

function tellRefusal(desk: Desk, code: string, conversation: string | undefined): void {
  const owner = conversation ? desk.row(conversation)?.owner : undefined;
  const faster = owner?.kind === 'agent' ? owner.name : undefined;
  const texts = textsNow();
  notifications.show({
    message: refusalText(texts, code, faster),
    autoClose: 7_000,
    closeButtonProps: { 'aria-label': texts.shell.close },
  });
}

function DeskLayout({ onSignOut }: { onSignOut: () => void }) {
  const desk = useDesk();
  const route = useRoute();
  const { shell } = useTexts();
  const [details, setDetails] = useState(false);
  const waiting = useView((view) => view.counts.waiting);
  const open = route.page === 'conversation' ? route.id : undefined;
  useKeyboard();
  useLoadCanned();

  useEffect(() => desk.show(open), [desk, open]);
  useEffect(() => {
    document.title = waiting > 0 ? `(${waiting}) Tresen` : 'Tresen';
    return () => {
      document.title = 'Tresen';
    };
  }, [waiting]);

  return (
    <div className="desk" data-page={route.page} data-details={details}>
      <button type="button" className="skip" onClick={skip}>
        {shell.skip}
      </button>
      <TopBar onSignOut={onSignOut} />
      <ConnectionBanner />
      <ListPane />
      <ConversationPane
        key={open ?? 'none'}
        id={open}
        details={details}
        onDetails={() => setDetails(!details)}
      />
      <ContextPane id={open} opened={details} onClose={() => setDetails(false)} />
      <Palette />
      <CheatSheet />
    </div>
  );
}

/** A button, not an anchor: the hash is the route. */
const skip = (): void => document.getElementById('main')?.focus();
