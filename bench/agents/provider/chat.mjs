// OpenAI chat completions, as openai, ollama (/v1) and custom speak them.
import { anything, between, boolean, either, filled, integer, list, mapOf, nullable, number, object, oneOf, record, string, tagged } from './shape.mjs';
import { event, id, now, pieces, textOf, thought, USAGE, WORDS } from './common.mjs';

const breakpoint = record({ 'mode!': oneOf('explicit') });
const text = record({ 'type!': oneOf('text'), 'text!': string, prompt_cache_breakpoint: breakpoint });
const part = tagged('type', {
  text,
  image_url: record({ 'type!': string, 'image_url!': record({ 'url!': filled, detail: oneOf('auto', 'low', 'high') }), prompt_cache_breakpoint: breakpoint }),
  input_audio: record({ 'type!': string, 'input_audio!': record({ 'data!': string, 'format!': oneOf('wav', 'mp3') }), prompt_cache_breakpoint: breakpoint }),
  file: record({ 'type!': string, 'file!': record({ file_data: string, file_id: string, filename: string }), prompt_cache_breakpoint: breakpoint }),
});
const refusal = record({ 'type!': oneOf('refusal'), 'refusal!': string });
const name = (value, path, problems) => {
  if (typeof value !== 'string' || !/^[a-zA-Z0-9_-]{1,64}$/.test(value)) problems.push(`${path}: 1 to 64 of a-z, A-Z, 0-9, _ and - expected`);
};
const toolCall = tagged('type', {
  function: record({ 'id!': filled, 'type!': string, 'function!': record({ 'name!': name, 'arguments!': string }) }),
  custom: record({ 'id!': filled, 'type!': string, 'custom!': record({ 'name!': name, 'input!': string }) }),
});
const texts = either(list(text, { least: 1 }), string);
const messages = (extra) => tagged('role', {
  system: record({ 'role!': string, 'content!': texts, name: string }),
  developer: record({ 'role!': string, 'content!': texts, name: string }),
  user: record({ 'role!': string, 'content!': either(string, list(part, { least: 1 })), name: string }),
  assistant: record({
    'role!': string, content: nullable(either(string, list(either(refusal, text), { least: 1 }))), refusal: nullable(string), name: string,
    audio: nullable(record({ 'id!': string })), tool_calls: list(toolCall, { least: 1 }), function_call: nullable(object), ...extra,
  }),
  tool: record({ 'role!': string, 'content!': texts, 'tool_call_id!': filled }),
});
const tool = tagged('type', {
  function: record({ 'type!': string, 'function!': record({ 'name!': name, description: string, parameters: object, strict: nullable(boolean) }) }),
  custom: record({ 'type!': string, 'custom!': record({ 'name!': name, description: string, format: object }) }),
});
const choice = either(oneOf('none', 'auto', 'required'), tagged('type', {
  function: record({ 'type!': string, 'function!': record({ 'name!': name }) }),
  custom: record({ 'type!': string, 'custom!': record({ 'name!': name }) }),
  allowed_tools: record({ 'type!': string, 'allowed_tools!': object }),
}));
const format = tagged('type', {
  text: record({ 'type!': string }), json_object: record({ 'type!': string }),
  json_schema: record({ 'type!': string, 'json_schema!': record({ 'name!': name, description: string, schema: object, strict: nullable(boolean) }) }),
});
const fields = (extra) => ({
  'model!': filled, 'messages!': list(messages(extra), { least: 1 }), audio: nullable(object), frequency_penalty: nullable(between(-2, 2)), function_call: anything,
  functions: list(object), logit_bias: nullable(mapOf(number)), logprobs: nullable(boolean), max_completion_tokens: nullable(integer),
  max_tokens: nullable(integer), metadata: nullable(mapOf(string)), modalities: nullable(list(oneOf('text', 'audio'))), moderation: nullable(object),
  n: nullable(integer), parallel_tool_calls: boolean, prediction: nullable(object), presence_penalty: nullable(between(-2, 2)), prompt_cache_key: nullable(string),
  prompt_cache_options: object, prompt_cache_retention: nullable(oneOf('in_memory', '24h')),
  reasoning_effort: nullable(oneOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max')), response_format: format, safety_identifier: nullable(string),
  seed: nullable(integer), service_tier: nullable(oneOf('auto', 'default', 'flex', 'scale', 'priority')), stop: nullable(either(string, list(string))),
  store: nullable(boolean), stream: nullable(boolean), stream_options: nullable(record({ include_usage: boolean, include_obfuscation: boolean })),
  temperature: nullable(between(0, 2)), tool_choice: choice, tools: list(tool, { least: 1 }), top_logprobs: nullable(between(0, 20)), top_p: nullable(between(0, 1)),
  user: string, verbosity: nullable(oneOf('low', 'medium', 'high')), web_search_options: object,
});

/** OpenAI's own, as its published schema has it. */
export const openai = { schema: record(fields({})), reasoning: false };

/** What vLLM and its like add: the thoughts of an answer, out and back in. */
export const custom = { schema: record(fields({ reasoning_content: nullable(string), reasoning: nullable(string) })), reasoning: 'reasoning_content' };

/** Ollama's /v1; AI SDK gives its thoughts back under the other name, which Ollama passes over. */
export const ollama = { schema: record(fields({ reasoning: nullable(string), reasoning_content: nullable(string) })), reasoning: 'reasoning' };

/** What only the whole conversation shows: each call of a tool has one result, right behind it. */
function unpaired(list) {
  const problems = [];
  let open = new Map();
  list.forEach((message, i) => {
    if (message?.role === 'tool') {
      if (!open.delete(message.tool_call_id)) problems.push(`messages[${i}]: tool_call_id ${message.tool_call_id} answers no call of the message before it`);
      return;
    }
    if (open.size) problems.push(`messages[${i}]: no result for the call ${[...open.keys()].join(', ')}`);
    open = new Map();
    if (message?.role !== 'assistant') return;
    if (message.content == null && !message.tool_calls && !message.refusal) problems.push(`messages[${i}]: an assistant's message without content and calls`);
    for (const call of message.tool_calls ?? []) {
      if (open.has(call.id)) problems.push(`messages[${i}]: the id ${call.id} twice`);
      open.set(call.id, call);
      if (call.type === 'function') {
        try {
          JSON.parse(call.function.arguments);
        } catch {
          problems.push(`messages[${i}]: arguments of ${call.function?.name} are no JSON`);
        }
      }
    }
  });
  if (open.size) problems.push(`messages: no result for the call ${[...open.keys()].join(', ')} at the end`);
  return problems;
}

function strictTools(tools) {
  const problems = [];
  tools.forEach((item, i) => {
    const made = item.function;
    if (made?.strict !== true) return;
    const open = (schema, path) => {
      if (!schema || typeof schema !== 'object') return;
      if (schema.type === 'object') {
        const names = Object.keys(schema.properties ?? {});
        if (schema.additionalProperties !== false) problems.push(`tools[${i}]${path}: strict wants additionalProperties false`);
        const missing = names.filter((n) => !(schema.required ?? []).includes(n));
        if (missing.length) problems.push(`tools[${i}]${path}: strict wants ${missing.join(', ')} among required`);
        names.forEach((n) => open(schema.properties[n], `${path}.${n}`));
      }
      if (schema.items) open(schema.items, `${path}[]`);
    };
    open(made.parameters, '');
  });
  return problems;
}

export function read(body, { own } = {}) {
  const said = Array.isArray(body.messages) ? body.messages : [];
  const tools = Array.isArray(body.tools) ? body.tools : [];
  const problems = [...unpaired(said), ...strictTools(tools)];
  const names = tools.map((item) => item?.function?.name ?? item?.custom?.name);
  names.forEach((n, i) => names.indexOf(n) < i && problems.push(`tools[${i}]: the name ${n} twice`));
  const results = said.filter((message) => message?.role === 'tool');
  return {
    problems, stream: body.stream === true, done: results.length, results: results.map((message) => ({ id: message.tool_call_id, text: textOf(message.content) })),
    tools: tools.map((item) => (item.type === 'custom' ? { kind: 'custom', name: item.custom?.name }
      : { kind: 'function', name: item.function?.name, schema: item.function?.parameters })),
    parallel: body.parallel_tool_calls !== false,
    thinks: body.reasoning_effort != null && body.reasoning_effort !== 'none',
    json: body.response_format?.json_schema?.schema,
    prompt: said.filter((message) => message?.role === 'user').map((message) => textOf(message.content)).join('\n'),
    images: said.flatMap((message) => (Array.isArray(message?.content) ? message.content : [])).filter((p) => p?.type === 'image_url').length,
  };
}

const usage = { prompt_tokens: USAGE.input, completion_tokens: USAGE.output, total_tokens: USAGE.input + USAGE.output,
  prompt_tokens_details: { cached_tokens: USAGE.cached, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 } };

const reason = (answer) => (answer.calls.length ? 'tool_calls' : answer.cut ? 'length' : 'stop');
const spoken = (call) => (call.input === undefined
  ? { id: call.id, type: 'function', function: { name: call.tool.name, arguments: JSON.stringify(call.args) } }
  : { id: call.id, type: 'custom', custom: { name: call.tool.name, input: call.input } });

export const callId = (done, i) => id('call_', 'chat', done, i);

export function whole(answer, body, dialect) {
  const message = { role: 'assistant', content: answer.text ?? (answer.calls.length ? WORDS : ''), refusal: null };
  if (answer.calls.length) message.tool_calls = answer.calls.map(spoken);
  if (answer.thinks && dialect.reasoning) message[dialect.reasoning] = thought(answer.done);
  return { id: id('chatcmpl-', answer.done), object: 'chat.completion', created: now(), model: body.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: reason(answer) }], usage, service_tier: 'default' };
}

export function* stream(answer, body, dialect) {
  const head = { id: id('chatcmpl-', answer.done), object: 'chat.completion.chunk', created: now(), model: body.model };
  const counted = body.stream_options?.include_usage === true;
  const chunk = (delta, finish_reason = null) => event('', { ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason }], ...(counted && { usage: null }) });
  yield chunk({ role: 'assistant', content: '' });
  if (answer.thinks && dialect.reasoning) for (const piece of pieces(thought(answer.done))) yield chunk({ [dialect.reasoning]: piece });
  for (const piece of pieces(answer.text ?? (answer.calls.length ? WORDS : ''))) yield chunk({ content: piece });
  for (const [index, call] of answer.calls.entries()) {
    const made = spoken(call);
    if (call.input === undefined) {
      yield chunk({ tool_calls: [{ index, id: made.id, type: 'function', function: { name: made.function.name, arguments: '' } }] });
      for (const piece of pieces(made.function.arguments)) yield chunk({ tool_calls: [{ index, function: { arguments: piece } }] });
    } else {
      yield chunk({ tool_calls: [{ index, id: made.id, type: 'custom', custom: { name: made.custom.name, input: '' } }] });
      for (const piece of pieces(made.custom.input)) yield chunk({ tool_calls: [{ index, custom: { input: piece } }] });
    }
  }
  yield chunk({}, reason(answer));
  if (counted) yield event('', { ...head, choices: [], usage });
  yield event('', '[DONE]');
}

const CODES = { 401: 'invalid_api_key', 404: 'model_not_found' };
export const failure = (message, status) => ({ error: { message, type: 'invalid_request_error', param: null, code: CODES[status] ?? null } });
