// OpenAI responses.
import { anything, between, boolean, either, filled, integer, list, mapOf, nullable, number, object, oneOf, record, string, tagged } from './shape.mjs';
import { encrypted, event, id, isOurs, now, pieces, textOf, thought, USAGE, WORDS } from './common.mjs';

const status = nullable(oneOf('in_progress', 'completed', 'incomplete'));
const caller = nullable(object);
const mark = object;
const inputText = record({ 'type!': string, 'text!': string, prompt_cache_breakpoint: mark });
const inputImage = record({ 'type!': string, detail: nullable(oneOf('low', 'high', 'auto', 'original')), file_id: nullable(string), image_url: nullable(string), prompt_cache_breakpoint: mark });
const inputFile = record({ 'type!': string, detail: oneOf('auto', 'low', 'high'), file_data: string, file_id: nullable(string), file_url: string, filename: string, prompt_cache_breakpoint: mark });
const inputs = tagged('type', { input_text: inputText, input_image: inputImage, input_file: inputFile });
const outputs = tagged('type', { output_text: record({ 'type!': string, 'text!': string, annotations: list(object), logprobs: list(object) }), refusal: record({ 'type!': string, 'refusal!': string }) });
const phase = nullable(oneOf('commentary', 'final_answer'));
const message = tagged('role', {
  user: record({ type: oneOf('message'), 'role!': string, 'content!': either(string, list(inputs)), status, id: string }),
  system: record({ type: oneOf('message'), 'role!': string, 'content!': either(string, list(inputs)), status, id: string }),
  developer: record({ type: oneOf('message'), 'role!': string, 'content!': either(string, list(inputs)), status, id: string }),
  assistant: record({ type: oneOf('message'), 'role!': string, 'content!': either(string, list(outputs)), status, id: string, phase }),
});
const told = either(string, list(inputs));
const item = tagged('type', {
  message,
  function_call: record({ 'type!': string, 'call_id!': filled, 'name!': filled, 'arguments!': string, id: string, status, namespace: string, caller }),
  function_call_output: record({ 'type!': string, 'call_id!': filled, 'output!': told, id: nullable(string), status, caller }),
  custom_tool_call: record({ 'type!': string, 'call_id!': filled, 'name!': filled, 'input!': string, id: string, status, namespace: string, caller }),
  custom_tool_call_output: record({ 'type!': string, 'call_id!': filled, 'output!': told, id: string, caller }),
  // OpenAI takes one without its id when it brings its encrypted content, which the published schema does not say; AI SDK does so.
  reasoning: record({ 'type!': string, id: filled, 'summary!': list(record({ 'type!': oneOf('summary_text'), 'text!': string })),
    content: nullable(list(record({ 'type!': oneOf('reasoning_text'), 'text!': string }))), encrypted_content: nullable(string), status }),
  item_reference: record({ type: nullable(string), 'id!': filled }),
  local_shell_call: object, local_shell_call_output: object, web_search_call: object, tool_search_call: object, tool_search_output: object, compaction: object,
  additional_tools: record({ 'type!': string, 'role!': oneOf('developer'), 'tools!': list(object), id: nullable(string) }),
}, { missing: 'message' });
const bare = { 'name!': filled, description: nullable(string), allowed_callers: nullable(list(string)), defer_loading: boolean };
const functionTool = record({ 'type!': string, ...bare, parameters: nullable(object), strict: nullable(boolean), output_schema: nullable(object) });
const customTool = record({ 'type!': string, ...bare, format: tagged('type', { text: record({ 'type!': string }), grammar: record({ 'type!': string, 'definition!': string, 'syntax!': oneOf('lark', 'regex') }) }) });
const tool = tagged('type', {
  function: functionTool, custom: customTool,
  namespace: record({ 'type!': string, 'name!': filled, 'description!': string, 'tools!': list(tagged('type', { function: functionTool, custom: customTool })) }),
  web_search: record({ 'type!': string, filters: nullable(object), search_context_size: oneOf('low', 'medium', 'high'), user_location: nullable(object), external_web_access: boolean,
    search_content_types: list(string), indexed_web_access: boolean }),
  web_search_2025_08_26: object, web_search_preview: object, file_search: object, code_interpreter: object, image_generation: object, local_shell: object, shell: object,
  apply_patch: object, mcp: object, computer: object, computer_use_preview: object, tool_search: object, programmatic_tool_calling: object,
});
const format = tagged('type', { text: record({ 'type!': string }), json_object: record({ 'type!': string }),
  json_schema: record({ 'type!': string, 'name!': filled, 'schema!': object, description: string, strict: nullable(boolean) }) });
const INCLUDES = ['file_search_call.results', 'web_search_call.results', 'web_search_call.action.sources', 'message.input_image.image_url',
  'computer_call_output.output.image_url', 'code_interpreter_call.outputs', 'reasoning.encrypted_content', 'message.output_text.logprobs'];
export const schema = record({
  'model!': filled, input: either(string, list(item)), instructions: nullable(string), background: nullable(boolean), context_management: nullable(list(object)), conversation: anything,
  include: nullable(list(oneOf(...INCLUDES))), max_output_tokens: nullable(integer), max_tool_calls: nullable(integer), metadata: nullable(mapOf(string)), moderation: nullable(object),
  parallel_tool_calls: nullable(boolean), previous_response_id: nullable(string), prompt: nullable(object), prompt_cache_key: nullable(string), prompt_cache_options: object,
  prompt_cache_retention: nullable(oneOf('in_memory', '24h')), safety_identifier: nullable(string), service_tier: nullable(oneOf('auto', 'default', 'flex', 'scale', 'priority')),
  reasoning: nullable(record({ effort: nullable(oneOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max')), summary: nullable(oneOf('auto', 'concise', 'detailed')),
    generate_summary: nullable(oneOf('auto', 'concise', 'detailed')), context: nullable(oneOf('auto', 'current_turn', 'all_turns')), mode: string })),
  store: nullable(boolean), stream: nullable(boolean), stream_options: nullable(record({ include_obfuscation: boolean })), temperature: nullable(between(0, 2)),
  text: record({ format, verbosity: nullable(oneOf('low', 'medium', 'high')) }), tool_choice: either(object, oneOf('none', 'auto', 'required')), tools: list(tool),
  top_logprobs: nullable(number), top_p: nullable(between(0, 1)), truncation: nullable(oneOf('auto', 'disabled')), user: string,
  // Not in the published schema; OpenAI's own agent sends it to OpenAI.
  client_metadata: nullable(mapOf(string)),
});

function unpaired(items) {
  const problems = [];
  const calls = new Map();
  const answered = new Set();
  items.forEach((it, i) => {
    if (it?.type === 'function_call' || it?.type === 'custom_tool_call') {
      if (calls.has(it.call_id)) problems.push(`input[${i}]: the call_id ${it.call_id} twice`);
      calls.set(it.call_id, it.type);
    } else if (it?.type === 'function_call_output' || it?.type === 'custom_tool_call_output') {
      const kind = calls.get(it.call_id);
      if (`${kind}_output` !== it.type && !(kind === 'function_call' && it.type === 'function_call_output')) problems.push(`input[${i}]: no ${it.type.replace('_output', '')} with the call_id ${it.call_id}`);
      if (answered.has(it.call_id)) problems.push(`input[${i}]: two outputs for ${it.call_id}`);
      answered.add(it.call_id);
    }
  });
  for (const call of calls.keys()) if (!answered.has(call)) problems.push(`input: no tool output found for the call ${call}`);
  return problems;
}

/** Reasoning that came back: its encrypted content as it was given, and before the call that it led to. */
function reasoned(items, stored) {
  const problems = [];
  let lost = 0;
  items.forEach((it, i) => {
    if (it?.type === 'reasoning') {
      if (it.encrypted_content != null && !isOurs(it.encrypted_content)) problems.push(`input[${i}].encrypted_content: could not be verified`);
      if (it.encrypted_content == null && it.id === undefined) problems.push(`input[${i}].id: missing`);
      if (it.encrypted_content == null && !stored) problems.push(`input[${i}]: the item ${it.id} is not kept when store is false, and has no encrypted_content`);
      const next = items[i + 1];
      if (!next || next.type === 'reasoning' || /_output$/.test(next.type ?? '') || next.role === 'user') problems.push(`input[${i}]: the reasoning ${it.id} without the item that followed it`);
    }
    if (it?.type === 'item_reference' && !stored) problems.push(`input[${i}]: the item ${it.id} is not kept when store is false`);
    if (/^(function|custom_tool)_call$/.test(it?.type ?? '') && it.call_id.startsWith('call_r')) {
      const before = items.slice(0, i).findLast((other) => !/^(function|custom_tool)_call$/.test(other?.type ?? '') && !(other?.type === 'message' && other.role === 'assistant') && other?.role !== 'assistant');
      if (before?.type !== 'reasoning' && before?.type !== 'item_reference') {
        lost++;
        if (it.id) problems.push(`input[${i}]: the call ${it.id} without its required reasoning item`);
      }
    }
  });
  return { problems, lost };
}

export function read(body) {
  const items = Array.isArray(body.input) ? body.input : [];
  const stored = body.store !== false;
  const { problems, lost } = reasoned(items, stored);
  problems.push(...unpaired(items));
  if (body.previous_response_id) problems.push('previous_response_id: not found');
  const tools = [];
  const offer = (item, namespace) => {
    if (item?.type === 'namespace') for (const inner of item.tools ?? []) offer(inner, item.name);
    else if (item?.type === 'function') tools.push({ kind: 'function', name: item.name, namespace, schema: item.parameters });
    else if (item?.type === 'custom') tools.push({ kind: 'custom', name: item.name, namespace });
    else tools.push({ kind: 'hosted', name: item?.type });
  };
  for (const made of Array.isArray(body.tools) ? body.tools : []) offer(made);
  for (const it of items) if (it?.type === 'additional_tools') for (const made of it.tools ?? []) offer(made);
  const answered = items.filter((it) => /_call_output$/.test(it?.type ?? ''));
  return {
    problems, lost, stream: body.stream === true, done: answered.length, results: answered.map((it) => ({ id: it.call_id, text: textOf(it.output) })), tools,
    parallel: body.parallel_tool_calls !== false, thinks: body.reasoning != null && body.reasoning.effort !== 'none',
    json: body.text?.format?.schema,
    prompt: typeof body.input === 'string' ? body.input : items.filter((it) => it?.role === 'user').map((it) => textOf(it.content)).join('\n'),
    images: JSON.stringify(items).match(/"type":"input_image"/g)?.length ?? 0,
  };
}

export const callId = (done, i, thinks) => id(thinks ? 'call_r' : 'call_n', 'responses', done, i);

function itemsOf(answer, body) {
  const made = [];
  if (answer.thinks) {
    made.push({ type: 'reasoning', id: id('rs_', answer.done), summary: body.reasoning.summary ? [{ type: 'summary_text', text: thought(answer.done) }] : [],
      ...(body.include?.includes('reasoning.encrypted_content') && { encrypted_content: encrypted(thought(answer.done)) }) });
  }
  if (!answer.calls.length || answer.done % 3 === 0) {
    made.push({ type: 'message', id: id('msg_', answer.done), status: last(answer), role: 'assistant', ...(body.model.includes('codex') && { phase: answer.calls.length ? 'commentary' : 'final_answer' }),
      content: [{ type: 'output_text', text: answer.text ?? WORDS, annotations: [], logprobs: [] }] });
  }
  answer.calls.forEach((call, i) => made.push(call.input === undefined
    ? { type: 'function_call', id: id('fc_', answer.done, i), call_id: call.id, name: call.tool.name, ...(call.tool.namespace && { namespace: call.tool.namespace }), arguments: JSON.stringify(call.args), status: 'completed' }
    : { type: 'custom_tool_call', id: id('ctc_', answer.done, i), call_id: call.id, name: call.tool.name, ...(call.tool.namespace && { namespace: call.tool.namespace }), input: call.input, status: 'completed' }));
  return made;
}

const usage = { input_tokens: USAGE.input, input_tokens_details: { cached_tokens: USAGE.cached }, output_tokens: USAGE.output, output_tokens_details: { reasoning_tokens: 20 }, total_tokens: USAGE.input + USAGE.output };

function envelope(answer, body, output, state) {
  const finished = state !== 'in_progress';
  return { id: id('resp_', answer.done), object: 'response', created_at: now(), completed_at: state === 'completed' ? now() : null, status: state, background: false, error: null,
    incomplete_details: state === 'incomplete' ? { reason: 'max_output_tokens' } : null, instructions: body.instructions ?? null, max_output_tokens: body.max_output_tokens ?? null, max_tool_calls: body.max_tool_calls ?? null, model: body.model, output, parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: null, prompt_cache_key: body.prompt_cache_key ?? null, reasoning: { effort: body.reasoning?.effort ?? null, summary: body.reasoning?.summary ?? null },
    safety_identifier: null, service_tier: 'default', store: body.store ?? true, temperature: body.temperature ?? 1, text: { format: body.text?.format ?? { type: 'text' }, verbosity: body.text?.verbosity ?? 'medium' },
    tool_choice: body.tool_choice ?? 'auto', tools: body.tools ?? [], top_logprobs: 0, top_p: body.top_p ?? 1, truncation: body.truncation ?? 'disabled', usage: finished ? usage : null, user: null, metadata: body.metadata ?? {} };
}

const last = (answer) => (answer.cut ? 'incomplete' : 'completed');

export const whole = (answer, body) => envelope(answer, body, itemsOf(answer, body), last(answer));

export function* stream(answer, body) {
  let sequence_number = 0;
  const send = (type, data) => event(type, { type, sequence_number: sequence_number++, ...data });
  const items = itemsOf(answer, body);
  yield send('response.created', { response: envelope(answer, body, [], 'in_progress') });
  yield send('response.in_progress', { response: envelope(answer, body, [], 'in_progress') });
  for (const [output_index, made] of items.entries()) {
    const at = { item_id: made.id, output_index };
    if (made.type === 'reasoning') {
      yield send('response.output_item.added', { output_index, item: { ...made, summary: [], ...(made.encrypted_content && { encrypted_content: '' }) } });
      for (const [summary_index, part] of made.summary.entries()) {
        yield send('response.reasoning_summary_part.added', { ...at, summary_index, part: { type: 'summary_text', text: '' } });
        for (const delta of pieces(part.text)) yield send('response.reasoning_summary_text.delta', { ...at, summary_index, delta });
        yield send('response.reasoning_summary_text.done', { ...at, summary_index, text: part.text });
        yield send('response.reasoning_summary_part.done', { ...at, summary_index, part });
      }
    } else if (made.type === 'message') {
      const part = made.content[0];
      yield send('response.output_item.added', { output_index, item: { ...made, status: 'in_progress', content: [] } });
      yield send('response.content_part.added', { ...at, content_index: 0, part: { ...part, text: '' } });
      for (const delta of pieces(part.text)) yield send('response.output_text.delta', { ...at, content_index: 0, delta, logprobs: [] });
      yield send('response.output_text.done', { ...at, content_index: 0, text: part.text, logprobs: [] });
      yield send('response.content_part.done', { ...at, content_index: 0, part });
    } else {
      const [member, name] = made.type === 'function_call' ? ['arguments', 'function_call_arguments'] : ['input', 'custom_tool_call_input'];
      yield send('response.output_item.added', { output_index, item: { ...made, [member]: '', status: 'in_progress' } });
      for (const delta of pieces(made[member])) yield send(`response.${name}.delta`, { ...at, delta });
      yield send(`response.${name}.done`, { ...at, ...(member === 'arguments' && { name: made.name }), [member]: made[member] });
    }
    yield send('response.output_item.done', { output_index, item: made });
  }
  yield send(`response.${last(answer)}`, { response: envelope(answer, body, items, last(answer)) });
}

export { failure } from './chat.mjs';
