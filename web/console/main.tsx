/** Entry of the console: style sheets in their order, Mantine with the page's nonce, the app. */
import '@mantine/core/styles.layer.css';
import '@mantine/notifications/styles.layer.css';
import '@mantine/spotlight/styles.layer.css';
import '../shared/tokens.css';
import './styles/base.css';
import './styles/account.css';
import './styles/shell.css';
import './styles/list.css';
import './styles/conversation.css';
import './styles/composer.css';
import './styles/context.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { applyScheme, cssVariablesResolver, type Scheme, theme } from './theme.ts';

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
// The scroll lock of dialogs asks for its nonce under this name.
Object.assign(globalThis, { __webpack_nonce__: nonce });

const SCHEME_KEY = 'mantine-color-scheme-value';
const scheme = (localStorage.getItem(SCHEME_KEY) ?? 'auto') as Scheme;
applyScheme(['light', 'dark'].includes(scheme) ? scheme : 'auto');

const root = document.getElementById('console');
if (!root) throw new Error('index.html has no #console');
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <App />
      <Notifications position="top-right" limit={3} />
    </MantineProvider>
  </StrictMode>,
);
