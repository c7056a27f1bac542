/** Contacts have no names yet: the tail of the id tells them apart. */
export const contactTail = (id: string): string => id.slice(-4).toUpperCase();

/** @returns at most two letters for a person's mark */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined];
  return letters
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}
