/** Asking for a person works in any sentence (R3), and is not heard where nobody asked. */
import { expect, it } from 'vitest';
import { wishesPerson } from '#core/bot/person-wish.ts';

it.each([
  'Ich brauche einen Menschen, Bestellung 4711',
  'ich will nen richtigen menschen',
  'Kann ich bitte mit einem Mitarbeiter sprechen?',
  'Gib mir einen Menschen!!',
  'Mein Paket fehlt. Ich möchte mit jemandem aus dem Team reden',
  'I want to talk to a person about order 12345',
  'can i speak with someone real',
  'I need a human, my lamp is broken',
  'give me a real person',
])('R3: hears the wish in %j', (text) => expect(wishesPerson(text)).toBe(true));

it.each([
  'Bist du ein Mensch?',
  'Sind Sie ein Mensch oder eine Maschine?',
  'Ich will nicht mit einem Menschen sprechen',
  'I do not want to talk to a person',
  'Are you a human?',
  'Kann ich die Bestellung an eine andere Person schicken?',
  'Ich möchte ein Geschenk an jemanden schicken',
  'Wo ist mein Paket?',
  '',
])('hears none in %j', (text) => expect(wishesPerson(text)).toBe(false));
