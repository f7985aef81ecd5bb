// The members that the published descriptions of the answers require, by protocol.
import { anything, boolean, either, filled, integer, list, nullable, number, object, oneOf, string, tagged } from '../../agents/provider/shape.mjs';
import { having } from './kit.mjs';

const count = (value, path, problems) => {
  if (!Number.isInteger(value) || value < 0) problems.push(`${path}: count expected, got ${JSON.stringify(value)}`);
};

// --- OpenAI -----------------------------------------------------------------------------------------------------------

const finish = oneOf('stop', 'length', 'tool_calls', 'content_filter', 'function_call');
const usage = having({ prompt_tokens: count, completion_tokens: count, total_tokens: count, 'prompt_tokens_details?': having({ 'cached_tokens?': count }) });
const call = tagged('type', {
  function: having({ id: filled, type: string, function: having({ name: filled, arguments: string }) }),
  custom: having({ id: filled, type: string, custom: having({ name: filled, input: string }) }),
});
export const COMPLETION = having({
  id: filled, object: oneOf('chat.completion'), created: count, model: filled, usage,
  choices: list(having({ index: count, finish_reason: finish, logprobs: nullable(object),
    message: having({ role: oneOf('assistant'), content: nullable(string), refusal: nullable(string), 'tool_calls?': list(call, { least: 1 }) }) }), { least: 1 }),
});
export const CHUNK = having({
  id: filled, object: oneOf('chat.completion.chunk'), created: count, model: filled, 'usage?': nullable(usage),
  choices: list(having({ index: count, finish_reason: nullable(finish), delta: having({ 'role?': oneOf('assistant'), 'content?': nullable(string),
    'tool_calls?': list(having({ index: count, 'id?': filled, 'function?': having({ 'arguments?': string }) })) }) })),
});
export const LEGACY = having({
  id: filled, object: oneOf('text_completion'), created: count, model: filled,
  choices: list(having({ index: count, text: string, logprobs: nullable(object), finish_reason: nullable(oneOf('stop', 'length', 'content_filter')) })),
});
export const EMBEDDINGS = having({ object: oneOf('list'), model: filled, usage: having({ prompt_tokens: count, total_tokens: count }),
  data: list(having({ object: oneOf('embedding'), index: count, embedding: list(number) })) });
export const OPENAI_ERROR = having({ message: filled, type: filled, param: nullable(string), code: nullable(string) });
export const OPENAI_MODEL = having({ id: filled, object: oneOf('model'), created: count, owned_by: filled });

const outputs = tagged('type', {
  message: having({ id: filled, role: oneOf('assistant'), status: filled, content: list(tagged('type', {
    output_text: having({ text: string, annotations: list(object) }), refusal: having({ refusal: string }) })) }),
  function_call: having({ call_id: filled, name: filled, arguments: string }),
  custom_tool_call: having({ call_id: filled, name: filled, input: string }),
  reasoning: having({ id: filled, summary: list(having({ type: oneOf('summary_text'), text: string })) }),
});
const choice = either(oneOf('none', 'auto', 'required'), object);
export const RESPONSE = having({
  id: filled, object: oneOf('response'), created_at: number, status: oneOf('completed', 'in_progress', 'incomplete', 'failed'), error: nullable(object),
  incomplete_details: nullable(object), instructions: nullable(either(string, list(object))), metadata: nullable(object), model: filled, output: list(outputs),
  parallel_tool_calls: boolean, temperature: nullable(number), tool_choice: choice, tools: list(object), top_p: nullable(number),
});
export const RESPONSE_USAGE = having({ input_tokens: count, input_tokens_details: having({ cached_tokens: count }), output_tokens: count,
  output_tokens_details: having({ reasoning_tokens: count }), total_tokens: count });

const at = { item_id: filled, output_index: count };
const inside = { ...at, content_index: count };
const summary = { ...at, summary_index: count };
const EVENTS = {
  ...Object.fromEntries(['created', 'in_progress', 'completed', 'incomplete'].map((state) => [`response.${state}`, { response: RESPONSE }])),
  'response.output_item.added': { output_index: count, item: having({ type: filled }) }, 'response.output_item.done': { output_index: count, item: outputs },
  'response.content_part.added': { ...inside, part: having({ type: filled }) }, 'response.content_part.done': { ...inside, part: having({ type: filled }) },
  'response.output_text.delta': { ...inside, delta: string, logprobs: list(anything) }, 'response.output_text.done': { ...inside, text: string, logprobs: list(anything) },
  'response.function_call_arguments.delta': { ...at, delta: string }, 'response.function_call_arguments.done': { ...at, arguments: string, name: filled },
  'response.custom_tool_call_input.delta': { ...at, delta: string }, 'response.custom_tool_call_input.done': { ...at, input: string },
  'response.reasoning_summary_part.added': { ...summary, part: object }, 'response.reasoning_summary_part.done': { ...summary, part: object },
  'response.reasoning_summary_text.delta': { ...summary, delta: string }, 'response.reasoning_summary_text.done': { ...summary, text: string },
};
const event = (members) => having({ type: string, sequence_number: count, ...members });
export const RESPONSE_EVENT = tagged('type', Object.fromEntries(Object.entries(EVENTS).map(([type, members]) => [type, event(members)])));

// --- Anthropic --------------------------------------------------------------------------------------------------------

const block = tagged('type', {
  text: having({ text: string }), thinking: having({ thinking: string, signature: string }), redacted_thinking: having({ data: filled }),
  tool_use: having({ id: filled, name: filled, input: object }),
});
const stop = oneOf('end_turn', 'max_tokens', 'stop_sequence', 'tool_use', 'pause_turn', 'refusal');
const tokens = { input_tokens: count, output_tokens: count, 'cache_creation_input_tokens?': nullable(count), 'cache_read_input_tokens?': nullable(count) };
export const MESSAGE = having({ id: filled, type: oneOf('message'), role: oneOf('assistant'), model: filled, content: list(block), stop_reason: nullable(stop),
  stop_sequence: nullable(string), usage: having(tokens) });
export const MESSAGE_EVENT = tagged('type', {
  message_start: having({ message: MESSAGE }), ping: having({}),
  content_block_start: having({ index: count, content_block: block }),
  content_block_delta: having({ index: count, delta: tagged('type', { text_delta: having({ text: string }), thinking_delta: having({ thinking: string }),
    signature_delta: having({ signature: filled }), input_json_delta: having({ partial_json: string }) }) }),
  content_block_stop: having({ index: count }),
  message_delta: having({ delta: having({ stop_reason: nullable(stop), stop_sequence: nullable(string) }), usage: having({ output_tokens: count }) }),
  message_stop: having({}),
});
export const ANTHROPIC_MODEL = having({ type: oneOf('model'), id: filled, display_name: filled, created_at: (value, path, problems) => {
  if (Number.isNaN(Date.parse(value))) problems.push(`${path}: time expected`);
} });

// --- Ollama -----------------------------------------------------------------------------------------------------------

const time = (value, path, problems) => {
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) problems.push(`${path}: time expected, got ${JSON.stringify(value)}`);
};
const ended = { done: oneOf(true), done_reason: filled, total_duration: count, prompt_eval_count: count, eval_count: count };
const called = having({ function: having({ name: filled, arguments: object }) });
const message = having({ role: oneOf('assistant'), content: string, 'thinking?': string, 'tool_calls?': list(called) });
export const CHAT = having({ model: filled, created_at: time, message, ...ended });
export const CHAT_PART = having({ model: filled, created_at: time, message, done: boolean });
export const GENERATED = having({ model: filled, created_at: time, response: string, ...ended });
export const GENERATED_PART = having({ model: filled, created_at: time, response: string, done: boolean });
export const TAG = having({ name: filled, model: filled, modified_at: time, size: count, digest: string, details: object });
export const SHOWN = having({ details: object, model_info: object, capabilities: list(string) });
export const EMBEDDED = having({ model: filled, embeddings: list(list(number)), 'total_duration?': count, 'prompt_eval_count?': integer });
