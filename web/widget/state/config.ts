/** Asks the server for company, quick questions and service hours; no personal data is in it. */
import { ENDPOINTS, type WidgetConfig } from '../../../core/protocol/endpoints.ts';
import { CONFIG_WITHIN_MS } from './timing.ts';

/** @returns undefined when the server cannot be asked: the chat works without it */
export async function loadConfig(): Promise<WidgetConfig | undefined> {
  try {
    const signal = AbortSignal.timeout(CONFIG_WITHIN_MS);
    const response = await fetch(ENDPOINTS.widgetConfig, { signal });
    return response.ok ? ((await response.json()) as WidgetConfig) : undefined;
  } catch {
    return undefined;
  }
}
