// Anthropic's messages.
import { anything, between, boolean, either, filled, integer, list, nullable, object, oneOf, record, string, tagged } from './shape.mjs';
import { event, id, pieces, sign, textOf, thought, USAGE, WORDS } from './common.mjs';

const cache = nullable(record({ 'type!': oneOf('ephemeral'), ttl: oneOf('5m', '1h'), scope: oneOf('global', 'organization') }));
const text = record({ 'type!': oneOf('text'), 'text!': filled, cache_control: cache, citations: nullable(list(object)) });
const source = tagged('type', {
  base64: record({ 'type!': string, 'media_type!': oneOf('image/jpeg', 'image/png', 'image/gif', 'image/webp', 'application/pdf'), 'data!': filled }),
  url: record({ 'type!': string, 'url!': filled }), file: record({ 'type!': string, 'file_id!': filled }),
  text: record({ 'type!': string, 'media_type!': oneOf('text/plain'), 'data!': string }), content: object,
});
const image = record({ 'type!': string, 'source!': source, cache_control: cache });
const document = record({ 'type!': string, 'source!': source, cache_control: cache, citations: nullable(object), context: nullable(string), title: nullable(string) });
const toolName = (value, path, problems) => {
  if (typeof value !== 'string' || !/^[a-zA-Z0-9_-]{1,128}$/.test(value)) problems.push(`${path}: 1 to 128 of a-z, A-Z, 0-9, _ and - expected`);
};
const toolId = (value, path, problems) => {
  if (typeof value !== 'string' || !/^[a-zA-Z0-9_-]+$/.test(value)) problems.push(`${path}: letters, digits, _ and - expected`);
};
const reference = record({ 'type!': string, 'tool_name!': toolName, cache_control: cache });
const block = tagged('type', {
  text, image, document,
  tool_use: record({ 'type!': string, 'id!': toolId, 'name!': toolName, 'input!': object, cache_control: cache, caller: object }),
  tool_result: record({ 'type!': string, 'tool_use_id!': toolId, is_error: boolean, cache_control: cache,
    content: either(string, list(tagged('type', { text, image, document, search_result: object, tool_reference: reference }))) }),
  thinking: record({ 'type!': string, 'thinking!': string, 'signature!': filled }),
  redacted_thinking: record({ 'type!': string, 'data!': filled }),
  search_result: object, server_tool_use: object, web_search_tool_result: object, web_fetch_tool_result: object, code_execution_tool_result: object,
  tool_search_tool_result: object, mcp_tool_use: object, mcp_tool_result: object, container_upload: object, compaction: object,
});
const content = either(string, list(block, { least: 1 }));
const message = tagged('role', {
  user: record({ 'role!': string, 'content!': content }), assistant: record({ 'role!': string, 'content!': content }),
  // Instructions in the midst of the conversation.
  system: record({ 'role!': string, content: either(string, list(text)), clear_at: nullable(oneOf('next_user_message', 'never')), output_config: nullable(object) }),
});
const callers = list(string);
const own = record({ type: nullable(oneOf('custom')), 'name!': toolName, description: string, 'input_schema!': (value, path, problems) => {
  object(value, path, problems);
  if (value?.type !== 'object') problems.push(`${path}.type: "object" expected`);
}, cache_control: cache, strict: boolean, eager_input_streaming: nullable(boolean), defer_loading: boolean, allowed_callers: callers, input_examples: list(object) });
const HOSTED = /^(web_search|web_fetch|code_execution|bash|text_editor|computer|memory|tool_search_tool_(bm25|regex)|advisor)_\d{8}$|^(mcp_toolset)$/;
const tool = (value, path, problems) => {
  if (value?.type !== undefined && value.type !== 'custom' && value.type !== null && HOSTED.test(value.type)) return;
  own(value, path, problems);
};
const single = { disable_parallel_tool_use: boolean };
const thinking = tagged('type', {
  enabled: record({ 'type!': string, 'budget_tokens!': integer, display: nullable(oneOf('summarized', 'omitted', 'updates')) }),
  adaptive: record({ 'type!': string, display: nullable(oneOf('summarized', 'omitted', 'updates')) }),
  disabled: record({ 'type!': string }),
});
const edit = tagged('type', {
  clear_tool_uses_20250919: record({ 'type!': string, clear_at_least: nullable(object), clear_tool_inputs: anything, exclude_tools: nullable(list(string)), keep: object, trigger: object }),
  clear_thinking_20251015: record({ 'type!': string, keep: either(oneOf('all'), object) }),
  compact_20260112: object,
});
const counted = {
  'model!': filled, 'messages!': list(message, { least: 1 }), system: either(string, list(text)), thinking, tools: list(tool), cache_control: cache,
  tool_choice: tagged('type', { auto: record({ 'type!': string, ...single }), any: record({ 'type!': string, ...single }),
    tool: record({ 'type!': string, 'name!': toolName, ...single }), none: record({ 'type!': string }) }),
  output_config: record({ effort: nullable(oneOf('low', 'medium', 'high', 'xhigh', 'max')), format: nullable(object), task_budget: nullable(object) }),
  output_format: nullable(object), context_management: nullable(record({ edits: list(edit) })), mcp_servers: list(object), speed: nullable(oneOf('standard', 'fast')),
};
export const schema = record({
  ...counted, 'max_tokens!': integer, container: anything, inference_geo: nullable(string), metadata: record({ user_id: nullable(string) }),
  service_tier: oneOf('auto', 'standard_only'), stop_sequences: list(string), stream: boolean, temperature: between(0, 1), top_k: integer, top_p: between(0, 1),
  // Each with its beta.
  diagnostics: nullable(object), fallbacks: nullable(anything), fallback_credit_token: anything, compaction: nullable(object), thread: nullable(object),
});
export const countSchema = record(counted);

// The members that are there for those only who ask for the beta.
const BETAS = { context_management: /^(context-management|compact)-/, mcp_servers: /^mcp-client-/,
  fallbacks: /^server-side-fallback-/, thread: /^message-threads-/, compaction: /^compact-/ };

const blocks = (m) => (Array.isArray(m?.content) ? m.content : []);
const uses = (m) => blocks(m).filter((b) => b?.type === 'tool_use');
const results = (m) => blocks(m).filter((b) => b?.type === 'tool_result');

function unpaired(said) {
  const problems = [];
  said.forEach((m, i) => {
    const made = m?.role === 'assistant' ? uses(m).map((b) => b.id) : [];
    const next = said.slice(i + 1).find((other) => other?.role !== 'system');
    const answered = new Set(results(next).map((b) => b.tool_use_id));
    for (const use of made) if (next?.role !== 'user' || !answered.has(use)) problems.push(`messages[${i}]: no tool_result right behind the tool_use ${use}`);
    if (m?.role === 'user' && results(m).length) {
      const before = said.slice(0, i).reverse().find((other) => other?.role !== 'system');
      const asked = new Set(uses(before).map((b) => b.id));
      for (const b of results(m)) if (!asked.has(b.tool_use_id)) problems.push(`messages[${i}]: the tool_result ${b.tool_use_id} has no tool_use in the message before`);
      const first = blocks(m).findIndex((b) => b?.type !== 'tool_result');
      if (first >= 0 && blocks(m).slice(first).some((b) => b?.type === 'tool_result')) problems.push(`messages[${i}]: tool_result blocks come first`);
      const ids = results(m).map((b) => b.tool_use_id);
      if (new Set(ids).size < ids.length) problems.push(`messages[${i}]: two results for one tool_use`);
    }
  });
  return problems;
}

/** Thoughts that came back: unchanged, and, in the loop of tools, all of them. */
function thoughts(said, mode) {
  const problems = [];
  let lost = 0;
  const start = said.findLastIndex((m) => m?.role === 'user' && results(m).length === 0 && blocks(m).length + (m.content?.length ?? 0) > 0);
  said.forEach((m, i) => {
    if (m?.role !== 'assistant') return;
    for (const b of blocks(m)) {
      if (b?.type === 'thinking' && b.signature !== sign(b.thinking)) problems.push(`messages[${i}]: the signature is not that of this thinking block`);
    }
    if (i < start || !uses(m).length) return;
    const first = blocks(m)[0]?.type;
    const thinks = first === 'thinking' || first === 'redacted_thinking';
    if (mode === 'enabled' && !thinks) problems.push(`messages[${i}]: with thinking enabled, the assistant's last turn begins with its thinking block`);
    const had = uses(m).some((b) => b.id?.startsWith('toolu_t'));
    if (had && !thinks) lost++;
  });
  return { problems, lost };
}

export function read(body, { headers = {} } = {}) {
  const said = Array.isArray(body.messages) ? body.messages : [];
  const tools = Array.isArray(body.tools) ? body.tools : [];
  const mode = body.thinking?.type;
  const { problems, lost } = thoughts(said, mode);
  problems.push(...unpaired(said));
  const betas = String(headers['anthropic-beta'] ?? '').split(',').map((name) => name.trim()).filter(Boolean);
  if (!headers['anthropic-version']) problems.push('header anthropic-version: missing');
  for (const beta of betas) if (!/^[a-z0-9-]+-\d{4}-?\d{2}-?\d{2}$/.test(beta)) problems.push(`header anthropic-beta: ${beta} is no beta`);
  for (const [name, pattern] of Object.entries(BETAS)) {
    if (body[name] != null && !betas.some((beta) => pattern.test(beta))) problems.push(`${name}: extra inputs are not permitted without its beta`);
  }
  if (said[0]?.role === 'assistant') problems.push('messages[0]: role "user" expected');
  const on = mode === 'enabled' || mode === 'adaptive';
  if (mode === 'enabled' && !(body.thinking.budget_tokens >= 1024)) problems.push('thinking.budget_tokens: at least 1024');
  if (mode === 'enabled' && body.max_tokens !== undefined && body.thinking.budget_tokens >= body.max_tokens) problems.push('thinking.budget_tokens: less than max_tokens expected');
  if (on && body.temperature !== undefined && body.temperature !== 1) problems.push('temperature: 1 expected with thinking');
  if (on && body.top_k !== undefined) problems.push('top_k: not with thinking');
  if (on && ['any', 'tool'].includes(body.tool_choice?.type)) problems.push('tool_choice: forces a tool, which thinking does not allow');
  const marks = JSON.stringify({ system: body.system, tools, messages: said }).match(/"cache_control":\{/g)?.length ?? 0;
  if (marks > 4) problems.push(`cache_control: at most 4, got ${marks}`);
  const names = tools.map((item) => item?.name);
  names.forEach((n, i) => names.indexOf(n) < i && problems.push(`tools[${i}]: the name ${n} twice`));
  if (said.at(-1)?.role === 'assistant' && on) problems.push('messages: this model takes no prefill with thinking');
  const answered = said.filter((m) => m?.role === 'user').flatMap(results);
  return {
    problems, lost, stream: body.stream === true, done: answered.length, results: answered.map((b) => ({ id: b.tool_use_id, text: textOf(b.content) })),
    tools: tools.map((item) => ({ kind: item.input_schema ? 'function' : 'hosted', name: item.name, schema: item.input_schema })),
    parallel: body.tool_choice?.disable_parallel_tool_use !== true, thinks: on,
    json: body.output_config?.format?.schema ?? body.output_format?.schema,
    prompt: said.filter((m) => m?.role === 'user').map((m) => textOf(m.content)).join('\n'),
    images: JSON.stringify(said).match(/"type":"image"/g)?.length ?? 0,
  };
}

export const callId = (done, i, thinks) => id(thinks ? 'toolu_t' : 'toolu_n', 'messages', done, i);

function contentOf(answer) {
  const made = [];
  if (answer.thinks) made.push({ type: 'thinking', thinking: thought(answer.done), signature: sign(thought(answer.done)) });
  made.push({ type: 'text', text: answer.text ?? WORDS });
  for (const call of answer.calls) made.push({ type: 'tool_use', id: call.id, name: call.tool.name, input: call.args });
  return made;
}

const usage = { input_tokens: USAGE.input - USAGE.cached, cache_creation_input_tokens: 0, cache_read_input_tokens: USAGE.cached, output_tokens: USAGE.output, service_tier: 'standard' };
const reason = (answer) => (answer.calls.length ? 'tool_use' : answer.cut ? 'max_tokens' : answer.stopped ? 'stop_sequence' : 'end_turn');

export const whole = (answer, body) => ({ id: id('msg_', answer.done), type: 'message', role: 'assistant', model: body.model, content: contentOf(answer),
  stop_reason: reason(answer), stop_sequence: answer.stopped ?? null, usage });

export function* stream(answer, body) {
  const send = (type, data) => event(type, { type, ...data });
  yield send('message_start', { message: { id: id('msg_', answer.done), type: 'message', role: 'assistant', model: body.model, content: [], stop_reason: null,
    stop_sequence: null, usage: { ...usage, output_tokens: 1 } } });
  yield send('ping', {});
  for (const [index, block] of contentOf(answer).entries()) {
    const delta = (value) => send('content_block_delta', { index, delta: value });
    if (block.type === 'thinking') {
      yield send('content_block_start', { index, content_block: { type: 'thinking', thinking: '', signature: '' } });
      for (const piece of pieces(block.thinking)) yield delta({ type: 'thinking_delta', thinking: piece });
      yield delta({ type: 'signature_delta', signature: block.signature });
    } else if (block.type === 'text') {
      yield send('content_block_start', { index, content_block: { type: 'text', text: '' } });
      for (const piece of pieces(block.text)) yield delta({ type: 'text_delta', text: piece });
    } else {
      yield send('content_block_start', { index, content_block: { ...block, input: {} } });
      for (const piece of pieces(JSON.stringify(block.input))) yield delta({ type: 'input_json_delta', partial_json: piece });
    }
    yield send('content_block_stop', { index });
  }
  yield send('message_delta', { delta: { stop_reason: reason(answer), stop_sequence: answer.stopped ?? null }, usage: { output_tokens: USAGE.output } });
  yield send('message_stop', {});
}

const TYPES = { 401: 'authentication_error', 404: 'not_found_error' };
export const failure = (message, status) => ({ type: 'error', error: { type: TYPES[status] ?? 'invalid_request_error', message } });
