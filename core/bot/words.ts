/**
 * What the bot says besides articles, in every language. Says plainly that it is an AI, and
 * promises nothing that no article promises.
 */
import type { Language } from '#core/protocol/entities.ts';

export type Words = {
  greeting: (company: string) => string;
  askBack: string;
  offer: string;
  humanChoice: string;
  handover: {
    requested: string;
    distress: string;
    not_understood: string;
    bot_unavailable: string;
  };
  personComes: string;
  nobodyOnline: (hours: string) => string;
};

export const WORDS: Record<Language, Words> = {
  de: {
    greeting: (company) =>
      `Guten Tag! Ich bin der KI-Assistent von ${company}: ein Computerprogramm, kein Mensch. ` +
      'Fragen Sie einfach. Wenn Sie lieber mit einem Menschen sprechen, genügt ein Klick.',
    askBack: 'Ich bin nicht sicher, ob ich Sie richtig verstehe. Meinen Sie eines davon?',
    offer:
      'Darauf habe ich leider keine sichere Antwort. Sagen Sie es gern noch einmal mit anderen ' +
      'Worten, oder sprechen Sie mit einem Menschen aus unserem Team.',
    humanChoice: 'Mit einem Menschen sprechen',
    handover: {
      requested: 'Gern.',
      distress: 'Das möchte ich einem Menschen überlassen.',
      not_understood: 'Hier komme ich nicht weiter.',
      bot_unavailable: 'Ich kann gerade nicht antworten.',
    },
    personComes:
      'Eine Kollegin oder ein Kollege übernimmt und sieht unseren ganzen Verlauf. ' +
      'Sie müssen nichts wiederholen.',
    nobodyOnline: (hours) =>
      'Gerade ist niemand da. Ihre Nachricht ist gespeichert, und ein Mensch antwortet Ihnen ' +
      `hier, sobald jemand da ist (${hours}). Sie müssen nichts wiederholen.`,
  },
  en: {
    greeting: (company) =>
      `Hello! I am the AI assistant of ${company}: a computer program, not a person. ` +
      'Just ask. If you would rather talk to a person, one click is enough.',
    askBack: 'I am not sure I understand you correctly. Do you mean one of these?',
    offer:
      'I am afraid I have no reliable answer to that. Please try saying it in other words, ' +
      'or talk to a person from our team.',
    humanChoice: 'Talk to a person',
    handover: {
      requested: 'Of course.',
      distress: 'I would like to leave this to a person.',
      not_understood: 'I cannot get any further here.',
      bot_unavailable: 'I cannot answer at the moment.',
    },
    personComes:
      'A colleague is taking over and can see our whole conversation. ' +
      'You need not repeat anything.',
    nobodyOnline: (hours) =>
      'Nobody is here right now. Your message is stored, and a person will answer you here as ' +
      `soon as someone is back (${hours}). You need not repeat anything.`,
  },
};
