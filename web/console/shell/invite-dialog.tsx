/** Makes a one-time link for a colleague and offers to copy it. */
import { Button, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ENDPOINTS, type Invitation } from '../../../core/protocol/endpoints.ts';
import { IconCheck, IconCopy } from '../icons.ts';
import { post, UNREACHABLE } from '../state/http.ts';
import { useLanguage, useTexts } from '../state/settings.ts';
import { moment } from '../texts/format.ts';
import { refusalText } from '../texts/texts.ts';

type Props = { opened: boolean; onClose: () => void };

export function InviteDialog({ opened, onClose }: Props) {
  const texts = useTexts();
  const { invite, shell } = texts;
  const [made, setMade] = useState<Invitation>();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string>();

  const create = async () => {
    setBusy(true);
    setRefused(undefined);
    const answer = await post<Invitation>(ENDPOINTS.invitations);
    setBusy(false);
    if (answer.ok) setMade(answer.value);
    else setRefused(answer.refused);
  };
  const close = () => {
    setMade(undefined);
    setRefused(undefined);
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={invite.title}
      centered
      closeButtonProps={{ 'aria-label': shell.close }}
    >
      <p className="dialog-lead">{invite.lead}</p>
      {made ? (
        <InvitationLink invitation={made} />
      ) : (
        <Button loading={busy} onClick={create} data-autofocus>
          {invite.create}
        </Button>
      )}
      <div role="alert">
        {refused && (
          <p className="account-refused">
            {refused === UNREACHABLE ? texts.account.unreachable : refusalText(texts, refused)}
          </p>
        )}
      </div>
    </Modal>
  );
}

function InvitationLink({ invitation }: { invitation: Invitation }) {
  const { invite } = useTexts();
  const language = useLanguage();
  const [copied, setCopied] = useState(false);
  const link = new URL(invitation.link, location.href).href;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link);
      setCopied(true);
    } catch {
      document.querySelector<HTMLInputElement>('#invitation-link')?.select();
    }
  };
  return (
    <div className="invitation">
      <TextInput
        id="invitation-link"
        label={invite.link}
        value={link}
        readOnly
        onFocus={(event) => event.currentTarget.select()}
      />
      <Button
        onClick={copy}
        leftSection={copied ? <IconCheck size={17} /> : <IconCopy size={17} />}
      >
        <span aria-live="polite">{copied ? invite.copied : invite.copy}</span>
      </Button>
      <p className="dialog-hint">{invite.expires(moment(language, invitation.expiresAt))}</p>
    </div>
  );
}
