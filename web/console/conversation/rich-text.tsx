/** Text as React nodes: the tiny Markdown for bot and agents, plain lines for everyone else. */
import type { Inline } from '../../shared/markdown.ts';
import { parseMarkdown } from '../../shared/markdown.ts';

export const PlainText = ({ text }: { text: string }) => <p className="plain">{text}</p>;

export function RichText({ text }: { text: string }) {
  return parseMarkdown(text).map((block, index) => {
    const key = `${block.kind}-${index}`;
    if (block.kind === 'list') {
      return (
        <ul key={key}>
          {block.items.map((line, at) => (
            <li key={lineKey(at)}>{bits(line)}</li>
          ))}
        </ul>
      );
    }
    return (
      <p key={key}>
        {block.lines.map((line, at) => (
          <span key={lineKey(at)} className="line">
            {bits(line)}
          </span>
        ))}
      </p>
    );
  });
}

const lineKey = (at: number): string => `line-${at}`;

const bits = (line: readonly Inline[]) =>
  line.map((part, at) => (part.bold ? <strong key={lineKey(at)}>{part.text}</strong> : part.text));
