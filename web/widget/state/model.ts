/**
 * Everything the widget shows, as one value. `store.ts` makes a new one at every change, parts
 * only read it.
 */
import type { WidgetConfig } from '../../../core/protocol/endpoints.ts';
import type { ConnectionStatus, PendingCommand } from '../../shared/connection.ts';
import type { Conversation } from '../../shared/conversations.ts';

/** Acked, but its event has not come yet: already stored, so never shown as "sending" again. */
export type Acked = { pending: PendingCommand; at: number };

export type Model = {
  config?: WidgetConfig;
  configFailed: boolean;
  status: ConnectionStatus;
  /** The server closed the connection for good. */
  ended: boolean;
  /** Offline for longer than a hiccup. */
  troubled: boolean;
  /** The conversation that is shown; undefined: the welcome panel. */
  conversationId?: string;
  conversation?: Conversation;
  /** The history of `conversationId` has not arrived yet. */
  loading: boolean;
  pending: readonly PendingCommand[];
  acked: readonly Acked[];
  typing?: { by: 'bot' | 'agent'; name?: string };
  agentsOnline: number;
  /** The panel is open and the tab is looked at. */
  visible: boolean;
  /** The page has a loader that can close the panel. */
  framed: boolean;
  surveySkipped: boolean;
};

export const emptyModel: Model = {
  configFailed: false,
  status: 'connecting',
  ended: false,
  troubled: false,
  loading: false,
  pending: [],
  acked: [],
  agentsOnline: 0,
  visible: true,
  framed: false,
  surveySkipped: false,
};
