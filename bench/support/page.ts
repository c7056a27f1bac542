/** What a page and a script load at once. Pure; reads what Vite writes, not any HTML. */

/** Addresses of the scripts, styles and preloaded modules that a page names. */
export function referencesOf(html: string): string[] {
  const tags = html.match(/<(?:script|link)\b[^>]*>/g) ?? [];
  return tags.flatMap((tag) => {
    const isLoaded = tag.startsWith('<script') || /rel="(?:stylesheet|modulepreload)"/.test(tag);
    const address = /(?:src|href)="([^"]+)"/.exec(tag)?.[1];
    return isLoaded && address !== undefined ? [address] : [];
  });
}

/** Relative specifiers of static imports; `import()` is loaded later and does not count. */
export function importsOf(script: string): string[] {
  const found = script.matchAll(/(?:\bfrom|\bimport)\s*["'](\.{1,2}\/[^"']+)["']/g);
  return [...new Set([...found].map((match) => match[1] ?? ''))];
}
