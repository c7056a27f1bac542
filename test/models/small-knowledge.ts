/**
 * A knowledge base small enough to be learned in a second or two, with every kind of entry.
 */
import type { Article, ArticleKind } from '#core/protocol/entities.ts';

function entry(id: string, kind: ArticleKind, de: string[], en: string[]): Article {
  const text = (phrasings: string[]) => ({
    title: kind === 'out-of-scope' ? '' : (phrasings[0] ?? ''),
    body: kind === 'out-of-scope' ? '' : `${phrasings[0]}.\n\nMore.`,
    phrasings,
  });
  return { id, kind, topic: 'small', de: text(de), en: text(en) };
}

export const smallKnowledge: Article[] = [
  entry(
    'tracking',
    'article',
    ['Wo ist mein Paket?', 'sendung verfolgen', 'wann kommt meine lieferung an', 'sendungsnummer'],
    ['Where is my parcel?', 'track my shipment', 'when will my delivery arrive', 'tracking number'],
  ),
  entry(
    'return-how',
    'article',
    ['Wie schicke ich etwas zurück?', 'rücksendung', 'ich will die schuhe retournieren', 'retoure'],
    ['How do I send something back?', 'return an item', 'i want to return the shoes', 'returns'],
  ),
  entry(
    'password-forgotten',
    'article',
    ['Ich habe mein Passwort vergessen', 'kennwort zurücksetzen', 'neues passwort', 'passwort weg'],
    ['I forgot my password', 'reset password', 'new password please', 'lost my password'],
  ),
  entry(
    'human',
    'hand-over',
    ['Ich möchte mit einem Menschen sprechen', 'mitarbeiter bitte', 'mensch', 'kein bot'],
    ['I want to talk to a person', 'human please', 'agent', 'no bot'],
  ),
  entry(
    'smalltalk-greeting',
    'small-talk',
    ['Hallo', 'Guten Tag', 'servus', 'guten morgen'],
    ['Hello', 'Good morning', 'hi there', 'good afternoon'],
  ),
  entry(
    'out-of-scope',
    'out-of-scope',
    ['Wie wird das Wetter morgen?', 'Schreib mir ein Gedicht', 'wer ist kanzler', 'asdf jkl'],
    ['What is the weather like?', 'write me a poem', 'who won the match', 'qwertz'],
  ),
];
