/** Puts a text into a field in place of what is selected, with a blank before it where needed. */
export function insertText(field: HTMLTextAreaElement, text: string, from: number): void {
  const touches = /\S$/.test(field.value.slice(0, from));
  field.setRangeText(touches ? ` ${text}` : text, from, field.selectionEnd, 'end');
}
