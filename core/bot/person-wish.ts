/**
 * "I want a person", whatever else stands in the sentence: reaching one must never depend on a
 * model's mood. Only plain wishes; "are you a person?" is a question about the bot. Pure.
 */

const PERSON =
  '(?:menschen?|mitarbeiter(?:in)?|kollegen|kollegin|berater(?:in)?|person|jemand(?:em|en)?|' +
  'human|agent|representative|someone|somebody)';
const REAL = '(?:richtigen?|echten?|lebenden|real|actual|live|human)?';
const A = '(?:einen?|einem|einer|nen|nem|a|an|some|the|your)?';

const WISHES = [
  // ich brauche einen Menschen, ich möchte einen Mitarbeiter, gib mir nen Menschen
  `(?:brauche?|will|möchte|moechte|hätte gerne?|gib mir|geben sie mir)\\s+(?:bitte\\s+)?${A}\\s*${REAL}\\s*(?:menschen?|mitarbeiter(?:in)?|berater(?:in)?)`,
  // mit einem Menschen sprechen
  `mit\\s+${A}\\s*${REAL}\\s*${PERSON}\\s+(?:\\S+\\s+){0,3}(?:sprechen|reden|schreiben|verbinden|chatten|telefonieren)`,
  // talk to a person, speak with someone, I want a human
  `(?:talk|speak|chat|connect me|put me through)\\s+(?:to|with)\\s+${A}\\s*${REAL}\\s*${PERSON}`,
  `(?:want|need|give me|get me)\\s+${A}\\s*${REAL}\\s*(?:human|person|agent|representative)\\b`,
].map((pattern) => new RegExp(`(?<!\\p{L})${pattern}(?!\\p{L})`, 'iu'));

const NEGATED = /(?<!\p{L})(?:kein(?:en|e)?|nicht|not|don't|do not)(?!\p{L})/iu;

/** @returns whether `text` plainly asks for a person; sentences with a "not" are the model's to read */
export const wishesPerson = (text: string): boolean =>
  text
    .split(/[.!?\n]+/)
    .some((sentence) => !NEGATED.test(sentence) && WISHES.some((wish) => wish.test(sentence)));
