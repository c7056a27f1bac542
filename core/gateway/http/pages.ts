/**
 * The pages and what they load, as Vite built them: demo shop, widget, console. Each with the
 * strictest content security policy that it can live with; no page loads anything from elsewhere.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyReply } from 'fastify';
import type { HttpServer } from './server.ts';

const NONCE_MARK = /__CSP_NONCE__/g;
const ASSET_AGE = '1y';

export function addPages(
  app: HttpServer,
  options: {
    webDir: string;
    /** Origin of the WebSocket for a browser that came to `host`; empty when it is the page's. */
    socketOrigin: (host: string | undefined) => string;
    /** Origins of pages that may embed the widget, besides this one. */
    widgetOrigins: readonly string[];
  },
): void {
  const { webDir } = options;
  const config = { access: 'anyone' } as const;
  const page = (url: string, file: string, frameAncestors: () => string): void => {
    app.get(url, { config }, async (request, reply) => {
      const nonce = randomBytes(16).toString('base64');
      const html = await readFile(join(webDir, file), 'utf8').catch(() => undefined);
      if (html === undefined) return notBuilt(reply);
      return reply
        .header('content-type', 'text/html; charset=utf-8')
        .header('cache-control', 'no-cache')
        .header('content-security-policy', policy(nonce, frameAncestors(), request.headers.host))
        .send(html.replace(NONCE_MARK, nonce));
    });
  };

  const policy = (nonce: string, frameAncestors: string, host: string | undefined): string =>
    [
      "default-src 'none'",
      "script-src 'self'",
      `style-src 'self' 'nonce-${nonce}'`,
      "img-src 'self' data:",
      "font-src 'self'",
      `connect-src 'self' ${options.socketOrigin(host)}`,
      "frame-src 'self'",
      `frame-ancestors ${frameAncestors}`,
      "base-uri 'none'",
      "form-action 'self'",
    ].join('; ');

  const nobody = (): string => "'none'";
  const embedders = (): string => ["'self'", ...options.widgetOrigins].join(' ');
  page('/', 'demo/index.html', nobody);
  page('/en/', 'demo/en/index.html', nobody);
  page('/widget/', 'widget/index.html', embedders);
  page('/console/', 'console/index.html', nobody);
  app.get('/console', { config }, (_request, reply) => reply.redirect('/console/', 308));
  app.get('/en', { config }, (_request, reply) => reply.redirect('/en/', 308));
  app.get('/widget.js', { config }, (_request, reply) =>
    reply
      .header('cross-origin-resource-policy', 'cross-origin')
      .sendFile('widget.js', { maxAge: '5m' }),
  );
  for (const name of ['widget', 'console', 'demo']) {
    app.get(`/${name}/assets/*`, { config }, (request, reply) => {
      const { '*': file } = request.params as { '*': string };
      const assets = { maxAge: ASSET_AGE, immutable: true };
      return reply.sendFile(file, join(webDir, name, 'assets'), assets);
    });
  }
}

const notBuilt = (reply: FastifyReply): FastifyReply =>
  reply
    .code(503)
    .header('content-type', 'text/plain; charset=utf-8')
    .send('The pages are not built yet. Run: npm run web\n');
