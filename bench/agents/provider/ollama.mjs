// Ollama's /api/chat.
import { anything, boolean, either, filled, integer, list, nullable, number, object, oneOf, record, string, tagged } from './shape.mjs';
import { id, pieces, textOf, thought, USAGE, WORDS } from './common.mjs';

const toolCall = record({ id: string, type: oneOf('function'), 'function!': record({ 'name!': filled, 'arguments!': object, index: integer }) });
const message = tagged('role', Object.fromEntries(['system', 'user', 'assistant', 'tool'].map((role) => [role, record({
  'role!': string, content: string, thinking: string, images: nullable(list(filled)), ...(role === 'assistant' && { tool_calls: list(toolCall) }),
  ...(role === 'tool' && { tool_name: string, tool_call_id: string, name: string }) })])));
const tool = record({ 'type!': oneOf('function'), 'function!': record({ 'name!': filled, description: string, parameters: object, strict: boolean }) });
const OPTIONS = ['num_keep', 'seed', 'num_predict', 'top_k', 'top_p', 'min_p', 'typical_p', 'repeat_last_n', 'temperature', 'repeat_penalty', 'presence_penalty', 'frequency_penalty',
  'num_ctx', 'num_batch', 'num_gpu', 'main_gpu', 'num_thread'];
const options = record({ ...Object.fromEntries(OPTIONS.map((name) => [name, number])), stop: list(string), use_mmap: boolean, penalize_newline: boolean, numa: boolean,
  mirostat: number, mirostat_tau: number, mirostat_eta: number, tfs_z: number, low_vram: boolean, vocab_only: boolean, use_mlock: boolean, embedding_only: boolean, f16_kv: boolean, logits_all: boolean });

export const schema = record({ 'model!': filled, 'messages!': list(message), tools: list(tool), format: either(oneOf('json', ''), object), options: nullable(options), stream: boolean,
  keep_alive: either(string, number), think: either(boolean, oneOf('low', 'medium', 'high')), logprobs: boolean, top_logprobs: integer, truncate: boolean, shift: boolean, _debug: anything });

export function read(body) {
  const said = Array.isArray(body.messages) ? body.messages : [];
  const problems = [];
  let open = [];
  said.forEach((m, i) => {
    if (m?.role === 'tool') {
      if (!open.length) problems.push(`messages[${i}]: a result of a tool without its call`);
      const at = m.tool_call_id === undefined ? 0 : open.findIndex((call) => call.id === undefined || call.id === m.tool_call_id);
      if (open.length && at < 0) problems.push(`messages[${i}]: tool_call_id ${m.tool_call_id} answers no call`);
      open.splice(Math.max(at, 0), 1);
      return;
    }
    if (open.length && m?.role === 'assistant') problems.push(`messages[${i}]: no result for ${open.length} calls`);
    if (m?.role === 'assistant') open = [...(m.tool_calls ?? [])];
  });
  if (open.length) problems.push(`messages: no result for ${open.length} calls at the end`);
  const results = said.filter((m) => m?.role === 'tool');
  return {
    problems, stream: body.stream !== false, done: results.length, results: results.map((m) => ({ id: m.tool_call_id, text: textOf(m.content) })),
    tools: (Array.isArray(body.tools) ? body.tools : []).map((item) => ({ kind: 'function', name: item?.function?.name, schema: item?.function?.parameters })),
    parallel: true, thinks: body.think !== undefined && body.think !== false, json: typeof body.format === 'object' ? body.format : undefined,
    prompt: said.filter((m) => m?.role === 'user').map((m) => m.content).join('\n'), images: said.flatMap((m) => m?.images ?? []).length,
  };
}

export const callId = (done, i) => id('call_', 'ollama', done, i);

const end = (answer, body) => ({ done: true, done_reason: answer.cut ? 'length' : 'stop', total_duration: 2e9, load_duration: 1e7, prompt_eval_count: USAGE.input, prompt_eval_duration: 1e8, eval_count: USAGE.output, eval_duration: 1e9 });
const calls = (answer) => answer.calls.map((call, index) => ({ id: call.id, function: { index, name: call.tool.name, arguments: call.args } }));
const head = (body) => ({ model: body.model, created_at: new Date().toISOString() });

export function whole(answer, body) {
  const made = { role: 'assistant', content: answer.text ?? WORDS };
  if (answer.thinks) made.thinking = thought(answer.done);
  if (answer.calls.length) made.tool_calls = calls(answer);
  return { ...head(body), message: made, ...end(answer, body) };
}

export function* stream(answer, body) {
  const line = (part, rest = { done: false }) => `${JSON.stringify({ ...head(body), message: { role: 'assistant', content: '', ...part }, ...rest })}\n`;
  if (answer.thinks) for (const piece of pieces(thought(answer.done))) yield line({ thinking: piece });
  for (const piece of pieces(answer.text ?? WORDS)) yield line({ content: piece });
  if (answer.calls.length) yield line({ tool_calls: calls(answer) });
  yield line({}, end(answer, body));
}

export const failure = (message) => ({ error: message });
