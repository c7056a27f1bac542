/** Keys as small caps: `mod K` becomes Ctrl K or ⌘ K. */
const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);
const NAMES: Record<string, string> = isApple
  ? { mod: '⌘', Alt: '⌥', Shift: '⇧', Enter: '↵' }
  : { mod: 'Ctrl', Enter: '↵' };

export const keyNames = (keys: string): string[] => keys.split(' ').map((key) => NAMES[key] ?? key);

export function Keys({ keys }: { keys: string }) {
  if (keys === '') return null;
  return (
    <span className="keys">
      {keyNames(keys).map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}
