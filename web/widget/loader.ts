/**
 * The one line that a company puts on its pages ends here. Draws a button; nothing is requested
 * and nothing is ever stored before it is clicked. The click opens the app in an iframe of our own
 * origin. `window.Tresen` lets the page open, close, listen and take the widget away again.
 */
import { isToLoader, type ToApp } from './bridge.ts';
import { LOADER_STYLES } from './loader-styles.ts';
import { LOADER_TEXTS } from './texts/loader.ts';

type Listener = (detail: number) => void;
type EventName = 'open' | 'close' | 'unread';

export type TresenApi = {
  open(): void;
  close(): void;
  /** Takes everything away; a script loaded later starts anew. */
  destroy(): void;
  /** @returns how to stop listening; `detail` is the count of unread messages */
  on(event: EventName, listener: Listener): () => void;
};

const PAGE_LENGTH_MAX = 300;
const SPEECH =
  'M4 5.5h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1h-8l-5 4v-4H4a1 1 0 0 1-1-1v-10a1 1 0 0 1 1-1z';
const CHEVRON = 'm6 9.5 6 6 6-6';

const create = <K extends keyof HTMLElementTagNameMap>(tag: K, props: object = {}) =>
  Object.assign(document.createElement(tag), props);

function icon(path: string): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(document.createElementNS(namespace, 'path'));
  svg.firstElementChild?.setAttribute('d', path);
  return svg;
}

/** The parts that are drawn before the first click. */
function draw(label: string) {
  const host = create('div');
  host.setAttribute('role', 'region');
  host.setAttribute('aria-label', 'Chat');
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(LOADER_STYLES);
  root.adoptedStyleSheets = [sheet];
  const button = create('button', { type: 'button', ariaLabel: label, ariaExpanded: 'false' });
  const badge = create('span', { className: 'badge', hidden: true });
  const icons = [icon(SPEECH), icon(CHEVRON)] as const;
  icons[1].toggleAttribute('hidden', true);
  button.append(...icons, badge);
  root.append(button);
  return { host, root, button, badge, icons };
}

class Loader implements TresenApi {
  readonly #origin: string;
  readonly #language: 'de' | 'en';
  readonly #drawn: ReturnType<typeof draw>;
  readonly #listeners = new Map<EventName, Set<Listener>>();
  #frame: HTMLIFrameElement | undefined;
  #isOpen = false;
  #unread = 0;

  constructor(script: HTMLScriptElement) {
    const wished = script.dataset['language'] ?? document.documentElement.lang.slice(0, 2);
    this.#language = wished === 'en' ? 'en' : 'de';
    this.#origin = new URL(script.src).origin;
    this.#drawn = draw(LOADER_TEXTS[this.#language].open);
    const { host, button } = this.#drawn;
    button.addEventListener('click', () => this.#show(!this.#isOpen));
    host.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.close();
    });
    addEventListener('message', this.#hear);
    document.documentElement.append(host);
  }

  open(): void {
    this.#show(true);
  }

  close(): void {
    this.#show(false);
  }

  destroy(): void {
    removeEventListener('message', this.#hear);
    this.#drawn.host.remove();
    delete (window as { Tresen?: TresenApi }).Tresen;
  }

  on(event: EventName, listener: Listener): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  #show(open: boolean): void {
    const { host, button } = this.#drawn;
    if (open && !host.isConnected) document.documentElement.append(host);
    if (open && !this.#frame) this.#load();
    if (open === this.#isOpen) return;
    this.#isOpen = open;
    if (open) this.#unread = 0;
    if (this.#frame) this.#frame.hidden = !open;
    host.toggleAttribute('data-open', open);
    this.#label();
    this.#post();
    if (open) this.#frame?.focus();
    else button.focus();
    this.#tell(open ? 'open' : 'close');
  }

  #load(): void {
    this.#frame = create('iframe', {
      title: LOADER_TEXTS[this.#language].title,
      allow: '',
      onload: () => this.#post(),
      src: `${this.#origin}/widget/?language=${this.#language}`,
    });
    this.#drawn.root.prepend(this.#frame);
  }

  #post(): void {
    const page = `${location.origin}${location.pathname}`.slice(0, PAGE_LENGTH_MAX);
    const message: ToApp = { tresen: 'panel', visible: this.#isOpen, page };
    this.#frame?.contentWindow?.postMessage(message, this.#origin);
  }

  readonly #hear = ({ origin, source, data }: MessageEvent): void => {
    if (!this.#frame || source !== this.#frame.contentWindow) return;
    if (origin !== this.#origin || !isToLoader(data)) return;
    if (data.tresen === 'close') {
      this.close();
      return;
    }
    this.#unread = this.#isOpen ? 0 : data.count;
    this.#label();
    this.#tell('unread');
  };

  #label(): void {
    const { button, badge, icons } = this.#drawn;
    const texts = LOADER_TEXTS[this.#language];
    const count = this.#unread;
    badge.hidden = this.#isOpen || count === 0;
    badge.textContent = count > 9 ? '9+' : String(count);
    button.ariaExpanded = String(this.#isOpen);
    button.ariaLabel = this.#isOpen ? texts.close : count > 0 ? texts.unread(count) : texts.open;
    icons[0].toggleAttribute('hidden', this.#isOpen);
    icons[1].toggleAttribute('hidden', !this.#isOpen);
  }

  #tell(event: EventName): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(this.#unread);
  }
}

const page = window as { Tresen?: TresenApi };
const script =
  document.currentScript ?? document.querySelector<HTMLScriptElement>('script[src$="/widget.js"]');
if (!page.Tresen && script instanceof HTMLScriptElement) page.Tresen = new Loader(script);
