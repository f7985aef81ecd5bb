// The clients as people make them: an address and a token, nothing else is set. "fetch" is that of Node; it is handed over so that what was sent can
// be told of a case that fails.
import openaiChat from '../cases/openai-chat.mjs';
import openaiTools from '../cases/openai-tools.mjs';
import openaiResponses from '../cases/openai-responses.mjs';
import openaiRest from '../cases/openai-rest.mjs';
import anthropicMessages from '../cases/anthropic-messages.mjs';
import anthropicTools from '../cases/anthropic-tools.mjs';
import ollama from '../cases/ollama.mjs';

/** The cases of each client, how many of them each target has, and how many may fail by target. */
export const CASES = {
  openai: { cases: [...openaiChat, ...openaiTools, ...openaiResponses, ...openaiRest], count: 53, mayFail: { anthropic: 3 } },
  anthropic: { cases: [...anthropicMessages, ...anthropicTools], count: 31, mayFail: { openai: 3, ollama: 3, custom: 3 } },
  ollama: { cases: ollama, count: 25, mayFail: { openai: 3, anthropic: 3, ollama: 3, custom: 3 } },
};

/** A client for http://127.0.0.1:port, at the provider itself or at Mimir. */
export function make(client, lib, { port, key, way, fetch }) {
  const url = `http://127.0.0.1:${port}`;
  switch (client) {
    case 'openai': return new lib.OpenAI({ baseURL: `${url}/v1`, apiKey: key || 'none', organization: null, project: null, fetch });
    case 'anthropic': return new lib.Anthropic({ baseURL: url, apiKey: key, authToken: null, fetch });
    default: return new lib.Ollama({ host: way === 'mimir' ? `${url}/ollama` : url, headers: key ? { Authorization: `Bearer ${key}` } : {}, fetch });
  }
}

/** What a client sent and was answered, without the answers' bodies. */
export const watching = (note) => async (url, init) => {
  const sent = { method: init?.method ?? 'GET', path: new URL(String(url?.url ?? url)).pathname, body: typeof init?.body === 'string' ? init.body : undefined };
  note(sent);
  const answer = await fetch(url, init);
  sent.status = answer.status;
  if (answer.headers.get('mimir-left-out')) sent.left_out = answer.headers.get('mimir-left-out');
  return answer;
};
