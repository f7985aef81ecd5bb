// What the targets have beside the doors of bench/agents: embeddings, legacy completions, Ollama's generate and embed, and responses that are kept.
import { between, boolean, either, filled, integer, list, mapOf, nullable, number, object, oneOf, record, string } from '../../agents/provider/shape.mjs';
import { failure } from '../../agents/provider/chat.mjs';
import { event, id, now, pieces, USAGE } from '../../agents/provider/common.mjs';
import * as ollama from '../../agents/provider/ollama.mjs';
import * as responses from '../../agents/provider/responses.mjs';

const sse = 'text/event-stream; charset=utf-8';
const asked = (more = {}) => ({ problems: [], stream: false, done: 0, results: [], tools: [], parallel: true, thinks: false, prompt: '', ...more });

/** A vector that follows from the text, so that two texts have two vectors; each number is exact in 32 bits. */
export function vectorOf(text, size = 8) {
  const sum = [...String(text)].reduce((total, character) => total + character.codePointAt(0), 0);
  return Array.from({ length: size }, (_, i) => ((sum * (i + 1)) % 256) / 256 - 0.5);
}

const inputs = either(filled, list(filled, { least: 1 }), list(integer, { least: 1 }));
const texts = (input) => (Array.isArray(input) && typeof input[0] === 'string' ? input : [input]);

const embeddings = {
  schema: record({ 'model!': filled, 'input!': inputs, encoding_format: oneOf('float', 'base64'), dimensions: integer, user: string }), failure, type: sse,
  read: () => asked(),
  whole: (_, body) => ({ object: 'list', model: body.model, usage: { prompt_tokens: 8, total_tokens: 8 },
    data: texts(body.input).map((text, index) => {
      const vector = vectorOf(text, body.dimensions);
      return { object: 'embedding', index, embedding: body.encoding_format === 'base64' ? Buffer.from(new Float32Array(vector).buffer).toString('base64') : vector };
    }) }),
};

const prompt = either(string, list(string));
const completions = {
  schema: record({ 'model!': filled, 'prompt!': nullable(prompt), best_of: nullable(integer), echo: nullable(boolean), frequency_penalty: nullable(between(-2, 2)),
    logit_bias: nullable(mapOf(number)), logprobs: nullable(integer), max_tokens: nullable(integer), n: nullable(integer), presence_penalty: nullable(between(-2, 2)),
    seed: nullable(integer), stop: nullable(prompt), stream: nullable(boolean), stream_options: nullable(record({ include_usage: boolean, include_obfuscation: boolean })),
    suffix: nullable(string), temperature: nullable(between(0, 2)), top_p: nullable(between(0, 1)), user: string }),
  failure, type: sse,
  read: (body) => asked({ stream: body.stream === true, prompt: String(body.prompt) }),
  callId: () => 'none',
  whole: (answer, body) => ({ id: id('cmpl-', answer.done), object: 'text_completion', created: now(), model: body.model, usage: counted,
    choices: [{ index: 0, text: answer.text, logprobs: null, finish_reason: answer.cut ? 'length' : 'stop' }] }),
  * stream(answer, body) {
    const head = { id: id('cmpl-', answer.done), object: 'text_completion', created: now(), model: body.model };
    const usage = body.stream_options?.include_usage === true;
    const part = (text, finish_reason) => event('', { ...head, choices: [{ index: 0, text, logprobs: null, finish_reason }], ...(usage && { usage: null }) });
    for (const text of pieces(answer.text)) yield part(text, null);
    yield part('', answer.cut ? 'length' : 'stop');
    if (usage) yield event('', { ...head, choices: [], usage: counted });
    yield event('', '[DONE]');
  },
};
const counted = { prompt_tokens: USAGE.input, completion_tokens: USAGE.output, total_tokens: USAGE.input + USAGE.output };

const NUMBERS = ['seed', 'num_predict', 'top_k', 'top_p', 'min_p', 'temperature', 'repeat_penalty', 'presence_penalty', 'frequency_penalty', 'num_ctx', 'num_keep',
  'num_batch', 'num_gpu', 'num_thread'];
const settings = record({ ...Object.fromEntries(NUMBERS.map((name) => [name, number])), stop: list(string) });
const keep = either(string, number);
const generate = {
  ...ollama, type: 'application/x-ndjson',
  schema: record({ 'model!': filled, prompt: string, suffix: string, system: string, template: string, context: list(integer), stream: boolean, raw: boolean,
    format: either(oneOf('json', ''), object), images: nullable(list(filled)), keep_alive: keep, options: nullable(settings),
    think: either(boolean, oneOf('low', 'medium', 'high')), logprobs: boolean, top_logprobs: integer, truncate: boolean, shift: boolean }),
  read: (body) => asked({ stream: body.stream !== false, thinks: body.think !== undefined && body.think !== false,
    json: typeof body.format === 'object' ? body.format : undefined, prompt: body.prompt ?? '' }),
  whole: (answer, body) => spoken(ollama.whole(answer, body)),
  * stream(answer, body) {
    for (const line of ollama.stream(answer, body)) yield `${JSON.stringify(spoken(JSON.parse(line)))}\n`;
  },
};
const spoken = ({ message: { content, thinking }, ...rest }) => ({ ...rest, response: content, ...(thinking && { thinking }), ...(rest.done && { context: [1, 2, 3] }) });

const embed = {
  ...ollama, type: 'application/json',
  schema: record({ 'model!': filled, 'input!': either(string, list(string)), truncate: boolean, dimensions: integer, keep_alive: keep, options: nullable(settings) }),
  read: () => asked(),
  whole: (_, body) => ({ model: body.model, embeddings: texts(body.input).map((text) => vectorOf(text, body.dimensions)), total_duration: 1e7, load_duration: 1e6,
    prompt_eval_count: 8 }),
};

/** OpenAI's responses, which keeps what it answered unless it is told not to. */
function keptResponses() {
  const kept = new Map();
  const items = new Map();
  const itemsOf = (input) => (typeof input === 'string' ? [{ type: 'message', role: 'user', content: input }] : input ?? []);
  /** The request with what it only names put in its place. */
  const whole = (body) => {
    const before = body.previous_response_id ? kept.get(body.previous_response_id) : undefined;
    if (body.previous_response_id && !before) return body;
    const input = [...(before ? [...before.input, ...before.response.output] : []), ...itemsOf(body.input)];
    return { ...body, previous_response_id: undefined, input: input.map((item) => (item?.type === 'item_reference' ? items.get(item.id) ?? item : item)) };
  };
  const keepIt = (response, body) => {
    response.previous_response_id = body.previous_response_id ?? null;
    if (body.store === false) return response;
    kept.set(response.id, { response, input: whole(body).input });
    for (const item of response.output) items.set(item.id, item);
    return response;
  };
  return {
    'POST /v1/responses': {
      ...responses, type: sse,
      read: (body) => ({ ...responses.read(whole(body)), whole: whole(body) }),
      whole: (answer, body) => keepIt(responses.whole(answer, body), body),
      * stream(answer, body) {
        keepIt(responses.whole(answer, body), body);
        yield* responses.stream(answer, body);
      },
    },
    other(request, path) {
      const [, name] = /^\/v1\/responses\/([\w-]+)$/.exec(path) ?? [];
      if (!name) return undefined;
      const found = kept.get(name);
      if (!found) return { status: 404, value: failure(`Response with id '${name}' not found.`, 404) };
      if (request.method === 'DELETE') {
        kept.delete(name);
        return { status: 200, value: { id: name, object: 'response.deleted', deleted: true } };
      }
      return { status: 200, value: found.response };
    },
  };
}

export const doors = () => {
  const openai = { 'POST /v1/embeddings': embeddings, 'POST /v1/completions': completions };
  return {
    openai: { ...openai, ...keptResponses() },
    anthropic: {},
    ollama: { ...openai, 'POST /api/generate': generate, 'POST /api/embed': embed, 'GET /api/ps': () => ({ models: [] }) },
    custom: openai,
  };
};
