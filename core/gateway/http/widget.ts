/** What the browsers need before and beside the socket: the widget's settings, canned responses. */
import { ENDPOINTS, type WidgetConfig } from '#core/protocol/endpoints.ts';
import type { CannedResponse } from '#core/protocol/entities.ts';
import type { HttpServer } from './server.ts';

export function addWidget(
  app: HttpServer,
  deps: {
    widgetConfig: (host: string | undefined) => WidgetConfig;
    cannedResponses: () => CannedResponse[];
  },
): void {
  app.get(ENDPOINTS.widgetConfig, { config: { access: 'anyone' } }, (request, reply) =>
    reply.header('cache-control', 'no-cache').send(deps.widgetConfig(request.headers.host)),
  );
  app.get(ENDPOINTS.cannedResponses, { config: { access: 'agent' } }, (_request, reply) =>
    reply.header('cache-control', 'no-store').send(deps.cannedResponses()),
  );
}
