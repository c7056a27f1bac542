/**
 * The launcher and the panel's frame, in a shadow root: the page's styles do not reach in, these
 * do not reach out. Adopted as a constructed sheet, which a strict CSP allows.
 */
export const LOADER_STYLES = `
:host {
  --accent: #0f5c5c; --accent-hover: #0a4a4a; --on-accent: #fff; --badge: #a8261c; --paper: #fff;
  all: initial; position: fixed; inset: auto 0 0 auto; z-index: 2147483000;
  font: 600 13px/1 system-ui, sans-serif;
}
@media (prefers-color-scheme: dark) {
  :host {
    --accent: #7cc7c0; --accent-hover: #98d6d0; --on-accent: #06302f; --badge: #f4a298;
    --paper: #1e1d1a;
  }
}
:host([hidden]) { display: none }
button {
  all: unset; box-sizing: border-box; position: fixed; right: 20px; bottom: 20px;
  width: 56px; height: 56px; border-radius: 50%; cursor: pointer;
  display: grid; place-items: center; background: var(--accent); color: var(--on-accent);
  box-shadow: 0 6px 20px rgb(20 18 14 / 24%), 0 1px 3px rgb(20 18 14 / 20%);
  transition: background-color 160ms, transform 160ms cubic-bezier(.2, 0, 0, 1);
}
button:hover { background: var(--accent-hover) }
button:active { transform: scale(.96) }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px }
svg { width: 26px; height: 26px; fill: none; stroke: currentColor; stroke-width: 1.8;
  stroke-linecap: round; stroke-linejoin: round }
.badge {
  position: absolute; top: -2px; right: -2px; min-width: 22px; height: 22px; padding: 0 6px;
  box-sizing: border-box; border-radius: 11px; display: grid; place-items: center;
  background: var(--badge); color: var(--paper); border: 2px solid var(--paper);
}
.badge[hidden], svg[hidden] { display: none }
iframe {
  position: fixed; right: 20px; bottom: 88px; width: 380px; height: min(640px, 100vh - 108px);
  height: min(640px, 100dvh - 108px); border: 0; border-radius: 16px; background: var(--paper);
  box-shadow: 0 16px 48px rgb(20 18 14 / 22%), 0 2px 8px rgb(20 18 14 / 12%);
  color-scheme: light dark; transform-origin: bottom right; animation: rise 180ms ease-out;
}
iframe[hidden] { display: none }
@keyframes rise { from { opacity: 0; transform: translateY(12px) scale(.98) } }
@media (max-width: 480px), (max-height: 520px) {
  iframe { inset: 0; width: 100%; height: 100%; border-radius: 0 }
  :host([data-open]) button { visibility: hidden }
}
@media (prefers-reduced-motion: reduce) {
  button, iframe { transition: none; animation: none }
}
@media (forced-colors: active) { button { border: 2px solid ButtonText } }
@media print { :host { display: none } }
`;
