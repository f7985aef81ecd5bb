// One way to see a request of any of the provider's protocols: what the model of a case "sees", and tells when it is asked. Two requests that mean
// the same look the same here, so that a case says once what must arrive, whichever protocol the target speaks.

const KINDS = [[/^iVBOR/, 'png'], [/^\/9j\//, 'jpeg'], [/^R0lGOD/, 'gif'], [/^UklGR/, 'webp'], [/^JVBER/, 'pdf']];

/** Base64 as its kind and its size, such as "png 74". */
const bytes = (base64) => `${KINDS.find(([pattern]) => pattern.test(base64))?.[1] ?? 'bytes'} ${Buffer.from(base64, 'base64').length}`;
const address = (url) => (String(url).startsWith('data:') ? bytes(url.slice(url.indexOf(',') + 1)) : String(url));
const seen = (what, detail) => (detail && detail !== 'auto' ? `${what} ${detail}` : what);
const named = (name, what) => (name ? `${name}: ${what}` : what);

const source = (made = {}) => {
  if (made.type === 'base64') return bytes(made.data);
  if (made.type === 'text') return `text ${made.data}`;
  return made.url ?? made.file_id ?? JSON.stringify(made);
};

/** Adds a part of a message to a turn; parts of all protocols have a type. */
function add(turn, part) {
  switch (part?.type) {
    case 'text': case 'input_text': case 'output_text': turn.text += part.text; break;
    case 'refusal': turn.text += part.refusal; break;
    case 'image_url': turn.images.push(seen(address(part.image_url.url), part.image_url.detail)); break;
    case 'input_image': turn.images.push(seen(address(part.image_url), part.detail)); break;
    case 'image': turn.images.push(source(part.source)); break;
    case 'file': turn.files.push(named(part.file.filename, address(part.file.file_data ?? part.file.file_id))); break;
    case 'input_file': turn.files.push(named(part.filename, address(part.file_data ?? part.file_url ?? part.file_id))); break;
    case 'document': turn.files.push(named(part.title, source(part.source))); break;
    case 'thinking': case 'redacted_thinking': case 'reasoning': turn.thoughts++; break;
    case 'tool_use': turn.calls.push({ name: part.name, args: part.input }); break;
    case 'tool_result': turn.results.push(result(part.content, part.is_error)); break;
    default: turn.others.push(String(part?.type));
  }
}

const blank = (role) => ({ role, text: '', images: [], files: [], thoughts: 0, calls: [], results: [], others: [] });

function turnOf(role, content) {
  const turn = blank(role);
  if (typeof content === 'string') turn.text = content;
  else for (const part of Array.isArray(content) ? content : []) add(turn, part);
  return turn;
}

function result(content, failed) {
  const { text, images, files } = turnOf('tool', content);
  return { text, ...(images.length && { images }), ...(files.length && { files }), ...(failed && { failed }) };
}

const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

function chatTurn(message) {
  if (message.role === 'tool') return { ...blank('tool'), results: [result(message.content)] };
  const turn = turnOf(message.role, message.content);
  for (const image of message.images ?? []) turn.images.push(bytes(image));
  for (const call of message.tool_calls ?? []) {
    turn.calls.push(call.custom ? { name: call.custom.name, input: call.custom.input } : { name: call.function.name, args: parsed(call.function.arguments) });
  }
  if (message.reasoning_content || message.reasoning || message.thinking) turn.thoughts++;
  return turn;
}

function itemTurn(item) {
  if (/_call_output$/.test(item.type)) return { ...blank('tool'), results: [result(item.output)] };
  if (item.type === 'function_call') return { ...blank('assistant'), calls: [{ name: item.name, args: parsed(item.arguments) }] };
  if (item.type === 'custom_tool_call') return { ...blank('assistant'), calls: [{ name: item.name, input: item.input }] };
  if (item.type === 'reasoning') return { ...blank('assistant'), thoughts: 1 };
  return turnOf(item.role ?? item.type, item.content);
}

const tools = (list) => (list ?? []).map((tool) => {
  const made = tool.function ?? tool.custom ?? tool;
  const kind = tool.type === 'custom' && !tool.input_schema ? ' custom' : '';
  return `${made.name ?? tool.type}${made.strict === true ? ' strict' : ''}${kind}: ${made.description ?? ''}`;
});

const choice = (asked) => {
  if (asked === undefined || typeof asked === 'string') return asked;
  const name = asked.function?.name ?? asked.custom?.name ?? asked.name;
  return name ?? ({ any: 'required' }[asked.type] ?? asked.type);
};

const format = (asked) => asked && ({ json_object: 'object', json_schema: 'schema' }[asked.type] ?? asked.type);

const AS_IS = ['user', 'metadata', 'store', 'service_tier', 'prompt_cache_key', 'safety_identifier', 'logit_bias', 'prediction', 'truncation', 'context_management'];

/** The settings by names of our own; null where the request does not have one. */
function settings(path, body) {
  const inner = body.options ?? {};
  const effort = body.reasoning_effort ?? body.reasoning?.effort ?? body.output_config?.effort ?? (typeof body.think === 'string' ? body.think : undefined);
  const schema = body.output_config?.format ?? body.output_format ?? body.text?.format ?? body.response_format;
  const asked = {
    limit: body.max_completion_tokens ?? body.max_tokens ?? body.max_output_tokens ?? inner.num_predict,
    temperature: body.temperature ?? inner.temperature, top_p: body.top_p ?? inner.top_p, top_k: body.top_k ?? inner.top_k,
    stop: body.stop ?? body.stop_sequences ?? inner.stop, seed: body.seed ?? inner.seed, n: body.n,
    frequency_penalty: body.frequency_penalty ?? inner.frequency_penalty, presence_penalty: body.presence_penalty ?? inner.presence_penalty,
    effort, thinks: body.thinking?.type ?? (body.think === undefined ? undefined : body.think !== false), budget: body.thinking?.budget_tokens,
    verbosity: body.verbosity ?? body.text?.verbosity, format: format(schema) ?? (typeof body.format === 'object' ? 'schema' : { json: 'object' }[body.format]),
    choice: choice(body.tool_choice),
    options: body.options, keep_alive: body.keep_alive,
  };
  for (const name of AS_IS) asked[name] = body[name];
  return Object.fromEntries(Object.entries(asked).map(([name, value]) => [name, value ?? null]));
}

/** The marks for Anthropic's cache, by how long they hold. */
const marks = (body) => Array.from(JSON.stringify(body).matchAll(/"cache_control":\{([^}]*)\}/g), ([, made]) => /"ttl":"(\w+)"/.exec(made)?.[1] ?? '5m').sort();

/** What the request says: {system, turns, tools, marks, and the settings}. */
export function viewOf(path, body) {
  const turns = typeof body.input === 'string' ? [turnOf('user', body.input)]
    : Array.isArray(body.input) ? body.input.map(itemTurn)
      : typeof body.prompt === 'string' ? [{ ...turnOf('user', body.prompt), images: (body.images ?? []).map(bytes) }]
        : (body.messages ?? []).map((message) => (path === '/v1/messages' ? turnOf(message.role, message.content) : chatTurn(message)));
  const isSystem = (turn) => turn.role === 'system' || turn.role === 'developer';
  const system = [body.instructions, body.system === undefined ? undefined : turnOf('system', body.system).text, ...turns.filter(isSystem).map((turn) => turn.text)];
  const said = turns.filter((turn) => !isSystem(turn));
  return { system: system.filter(Boolean).join('\n'), turns: said, tools: tools(body.tools), marks: marks(body), ...settings(path, body) };
}
