/** The few words on the company's page; the app's catalogue is never loaded there. */
export const LOADER_TEXTS = {
  de: {
    title: 'Chat',
    open: 'Chat öffnen',
    close: 'Chat schließen',
    unread: (count: number) =>
      count === 1 ? 'Chat öffnen, 1 neue Nachricht' : `Chat öffnen, ${count} neue Nachrichten`,
  },
  en: {
    title: 'Chat',
    open: 'Open chat',
    close: 'Close chat',
    unread: (count: number) =>
      count === 1 ? 'Open chat, 1 new message' : `Open chat, ${count} new messages`,
  },
};
