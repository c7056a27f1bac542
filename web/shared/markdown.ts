/**
 * The tiny Markdown that articles may use: paragraphs, line breaks, **bold** and "- " lists.
 * Text goes in, a tree comes out; there is no HTML anywhere, so there is nothing to escape.
 * Everything that is not understood stays as it was typed.
 */
export type Inline = { bold: boolean; text: string };
export type Block = { kind: 'paragraph'; lines: Inline[][] } | { kind: 'list'; items: Inline[][] };

const ITEM = /^- (?=\S)/;

/** @param text what an article, bot or agent wrote */
export function parseMarkdown(text: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (const line of text.split('\n')) {
    if (line.trim() === '') {
      open = undefined;
      continue;
    }
    const isItem = ITEM.test(line);
    const kind = isItem ? 'list' : 'paragraph';
    if (open?.kind !== kind) {
      open = isItem ? { kind: 'list', items: [] } : { kind: 'paragraph', lines: [] };
      blocks.push(open);
    }
    const inline = parseInline(isItem ? line.slice(2) : line);
    if (open.kind === 'list') open.items.push(inline);
    else open.lines.push(inline);
  }
  return blocks;
}

/** Splits at pairs of `**` with something between them that neither begins nor ends blank. */
function parseInline(line: string): Inline[] {
  const parts: Inline[] = [];
  let rest = line;
  for (;;) {
    const start = rest.indexOf('**');
    const end = start < 0 ? -1 : rest.indexOf('**', start + 2);
    if (end < 0) break;
    const inner = rest.slice(start + 2, end);
    if (inner === '' || inner.trim() !== inner) {
      push(parts, false, rest.slice(0, end));
      rest = rest.slice(end);
      if (rest.indexOf('**', 2) < 0) break;
      continue;
    }
    push(parts, false, rest.slice(0, start));
    push(parts, true, inner);
    rest = rest.slice(end + 2);
  }
  push(parts, false, rest);
  return parts;
}

function push(parts: Inline[], bold: boolean, text: string): void {
  if (text !== '') parts.push({ bold, text });
}

/** The same words without marks, e.g. for a live region or a list preview. */
export const plainText = (text: string): string =>
  parseMarkdown(text)
    .flatMap((block) => (block.kind === 'list' ? block.items : block.lines))
    .map((line) => line.map((part) => part.text).join(''))
    .join('\n');
