/**
 * Inference by script: utterance → candidates. Each call can be held back, so that a test decides
 * what happens while the bot "thinks". Real models are measured in bench/, not here.
 */
import type { Inference, Understanding } from '#core/bot/inference.ts';
import type { Language } from '#core/protocol/entities.ts';

export type Script = Record<string, { intent: string; confidence: number }[]>;
type Held = { text: string; finish: () => void; fail: (error: Error) => void };

export function createScriptedInference(script: Script, options: { held?: boolean } = {}) {
  const heard: { text: string; before: string | undefined }[] = [];
  const held: Held[] = [];
  const languages = new Map<string, Language>();

  function answer(text: string, language: Language): Understanding {
    const candidates = script[text] ?? [];
    return {
      language: languages.get(text) ?? language,
      candidates,
      confidence: candidates[0]?.confidence ?? 0,
      timing: { queueMs: 0, encodeMs: 0, searchMs: 0, totalMs: 0 },
    };
  }

  const inference: Inference = {
    understand: ({ text, language = 'de', before }) => {
      heard.push({ text, before });
      if (!options.held) return Promise.resolve(answer(text, language));
      return new Promise((resolve, reject) => {
        held.push({ text, finish: () => resolve(answer(text, language)), fail: reject });
      });
    },
    thresholds: () => ({ answer: 0.6, askBack: 0.25 }),
    modelId: () => 'scripted',
    close: async () => undefined,
  };
  /** Makes the script hear this utterance in another language than the page's. */
  const speak = (text: string, language: Language): void => void languages.set(text, language);

  return { inference, heard, held, speak };
}
