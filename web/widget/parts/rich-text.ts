/**
 * The tiny Markdown of articles as elements; there is no way from text to HTML here. Children are
 * passed one by one, so no keys are made up for parts that never move.
 */
import { Fragment, h, type VNode } from 'preact';
import { type Block, type Inline, parseMarkdown } from '../../shared/markdown.ts';

export const RichText = ({ text }: { text: string }): VNode =>
  h(Fragment, null, ...parseMarkdown(text).map(blockOf));

const blockOf = (block: Block): VNode =>
  block.kind === 'list'
    ? h('ul', null, ...block.items.map((item) => h('li', null, ...item.map(partOf))))
    : h('p', null, ...block.lines.map((l) => h('span', { class: 'text-line' }, ...l.map(partOf))));

const partOf = ({ bold, text }: Inline): VNode | string => (bold ? h('strong', null, text) : text);
