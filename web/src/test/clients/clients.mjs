// Runs the official clients from npm against the gateway and prints one line of JSON per case:
// {client, path, streamed, provider, what, ok, seen}. The clients are unchanged; what they answer is checked against
// the members that the providers' published descriptions require.
//
//   BASE_URL        where Mimir listens
//   TOKEN           an access token of scope gateway
//   SETTINGS_TOKEN  an access token of scope settings: keys are made anew, as failures are remembered by key
//   PIPELINES_TOKEN an access token of scope pipelines
//   UPSTREAM        the address of upstream.mjs, which plays every provider
import Anthropic from '@anthropic-ai/sdk';
import { Ollama } from 'ollama';
import OpenAI from 'openai';

const { BASE_URL, TOKEN, SETTINGS_TOKEN, PIPELINES_TOKEN, UPSTREAM } = process.env;
const PATIENCE = 30_000;
const HELLO = 'Grüße — hello from the mock 🦉';
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const MODELS = { openai: 'gpt-4o', anthropic: 'claude-haiku-4-5', ollama: 'llama3.2' };
const PROVIDERS = Object.keys(MODELS);

// --- Shapes -----------------------------------------------------------------------------------------------------------

const string = (v) => typeof v === 'string';
const filled = (v) => string(v) && v !== '';
const number = (v) => typeof v === 'number' && Number.isFinite(v);
const count = (v) => Number.isInteger(v) && v >= 0;
const object = (v) => v !== null && typeof v === 'object' && !Array.isArray(v);
const is = (...values) => (v) => values.includes(v);
const or = (...checks) => (v) => checks.some((check) => matches(v, check));
const optional = (check) => (v) => v === undefined || matches(v, check);
const nullable = (check) => (v) => v === null || matches(v, check);
const list = (check) => (v) => Array.isArray(v) && v.every((each) => matches(each, check));

/** The first member of a value that is not as a shape says; '' if it is. */
function wrong(value, shape, at = '') {
  if (typeof shape === 'function') {
    return shape(value) ? '' : `${at || 'it'} is ${JSON.stringify(value)?.slice(0, 200)}`;
  }
  if (!object(value)) {
    return `${at || 'it'} is no object`;
  }
  for (const [name, check] of Object.entries(shape)) {
    const found = wrong(value[name], check, at ? `${at}.${name}` : name);
    if (found) {
      return found;
    }
  }
  return '';
}

const matches = (value, shape) => wrong(value, shape) === '';

function check(value, shape, name) {
  const found = wrong(value, shape);
  if (found) {
    throw new Error(`${name}: ${found}`);
  }
}

function equal(seen, expected, name) {
  if (JSON.stringify(seen) !== JSON.stringify(expected)) {
    throw new Error(`${name} is ${JSON.stringify(seen)}, not ${JSON.stringify(expected)}`);
  }
}

function truth(condition, text) {
  if (!condition) {
    throw new Error(text);
  }
}

const FINISH = is('stop', 'length', 'tool_calls', 'content_filter', 'function_call');
const OPENAI_USAGE = { prompt_tokens: count, completion_tokens: count, total_tokens: count };
const OPENAI_CALL = { id: filled, type: is('function'), function: { name: filled, arguments: string } };
const COMPLETION = {
  id: filled,
  object: is('chat.completion'),
  created: count,
  model: filled,
  choices: list({
    index: count,
    finish_reason: FINISH,
    logprobs: optional(nullable(object)),
    message: {
      role: is('assistant'),
      content: nullable(string),
      refusal: optional(nullable(string)),
      tool_calls: optional(list(OPENAI_CALL)),
    },
  }),
  usage: OPENAI_USAGE,
};
const CHUNK = {
  id: filled,
  object: is('chat.completion.chunk'),
  created: count,
  model: filled,
  choices: list({
    index: count,
    finish_reason: nullable(FINISH),
    delta: {
      role: optional(is('assistant')),
      content: optional(nullable(string)),
      tool_calls: optional(list({ index: count, function: optional({ arguments: optional(string) }) })),
    },
  }),
  usage: optional(nullable(OPENAI_USAGE)),
};
const RESPONSE = {
  id: filled,
  object: is('response'),
  created_at: number,
  model: filled,
  status: is('completed', 'in_progress'),
  output: list({ type: filled }),
};
const EMBEDDINGS = {
  object: is('list'),
  model: filled,
  data: list({ object: is('embedding'), index: count, embedding: list(number) }),
  usage: { prompt_tokens: count, total_tokens: count },
};
const OPENAI_MODEL = { id: filled, object: is('model'), created: count, owned_by: filled };

const BLOCK = or(
  { type: is('text'), text: string },
  { type: is('tool_use'), id: filled, name: filled, input: object },
);
const STOP = is('end_turn', 'max_tokens', 'stop_sequence', 'tool_use', 'pause_turn', 'refusal');
const MESSAGE = {
  id: filled,
  type: is('message'),
  role: is('assistant'),
  model: filled,
  content: list(BLOCK),
  stop_reason: nullable(STOP),
  stop_sequence: nullable(string),
  usage: { input_tokens: count, output_tokens: count },
};
const EVENT = or(
  { type: is('message_start'), message: MESSAGE },
  { type: is('content_block_start'), index: count, content_block: BLOCK },
  {
    type: is('content_block_delta'),
    index: count,
    delta: or({ type: is('text_delta'), text: string }, { type: is('input_json_delta'), partial_json: string }),
  },
  { type: is('content_block_stop'), index: count },
  {
    type: is('message_delta'),
    delta: { stop_reason: nullable(STOP), stop_sequence: nullable(string) },
    usage: { output_tokens: count },
  },
  { type: is('message_stop') },
);
const ANTHROPIC_MODEL = { type: is('model'), id: filled, display_name: filled, created_at: filled };

const time = (v) => string(v) && !Number.isNaN(Date.parse(v));
const LAST = {
  model: filled,
  created_at: time,
  done: is(true),
  done_reason: filled,
  total_duration: count,
  load_duration: optional(count),
  prompt_eval_count: count,
  eval_count: count,
};
const OLLAMA_MESSAGE = {
  role: is('assistant'),
  content: string,
  tool_calls: optional(list({ function: { name: filled, arguments: object } })),
};
const OLLAMA_TAG = { name: filled, model: filled };

// --- Clients ----------------------------------------------------------------------------------------------------------

/** How many requests the clients have sent: what they send twice is a retry. */
let sent = 0;
const counted = (url, init) => {
  sent += 1;
  return fetch(url, init);
};

const openaiOf = (apiKey) => new OpenAI({ baseURL: `${BASE_URL}/v1`, apiKey, fetch: counted });
const anthropicOf = (apiKey) => new Anthropic({ baseURL: BASE_URL, apiKey, authToken: null, fetch: counted });
const ollamaOf = (token) =>
  new Ollama({ host: `${BASE_URL}/ollama`, headers: { Authorization: `Bearer ${token}` }, fetch: counted });

const openai = openaiOf(TOKEN);
const anthropic = anthropicOf(TOKEN);
const bearer = new Anthropic({ baseURL: BASE_URL, apiKey: null, authToken: TOKEN, fetch: counted });
const ollama = ollamaOf(TOKEN);

const PARAMETERS = {
  type: 'object',
  properties: { city: { type: 'string' }, unit: { type: 'string', enum: ['c', 'f'] } },
  required: ['city'],
};
const FUNCTION = {
  type: 'function',
  function: { name: 'get_weather', description: 'The weather of a city', parameters: PARAMETERS },
};
const TOOL = { name: 'get_weather', description: 'The weather of a city', input_schema: PARAMETERS };
const JSON_FORMAT = {
  type: 'json_schema',
  json_schema: {
    name: 'weather',
    strict: true,
    schema: {
      type: 'object',
      properties: { city: { type: 'string' }, celsius: { type: 'number' } },
      required: ['city', 'celsius'],
      additionalProperties: false,
    },
  },
};
const ASKED = { city: 'Paris', unit: 'c' };
const system = { role: 'system', content: 'Be brief.' };
const user = (content) => ({ role: 'user', content });

async function completion(body, streamed) {
  if (!streamed) {
    const answer = await openai.chat.completions.create(body);
    check(answer, COMPLETION, 'completion');
    return answer;
  }
  const chunks = [];
  const stream = openai.chat.completions.stream({ ...body, stream_options: { include_usage: true } });
  stream.on('chunk', (chunk) => chunks.push(chunk));
  const answer = await stream.finalChatCompletion();
  chunks.forEach((chunk) => check(chunk, CHUNK, 'chunk'));
  equal(new Set(chunks.map((chunk) => `${chunk.id} ${chunk.created}`)).size, 1, 'ids of the chunks');
  const last = chunks[chunks.length - 1];
  equal(last.choices, [], 'choices of the last chunk');
  check(last.usage, OPENAI_USAGE, 'usage of the last chunk');
  return answer;
}

async function message(body, streamed, client = anthropic) {
  const params = { max_tokens: 300, ...body };
  if (!streamed) {
    const answer = await client.messages.create(params);
    check(answer, MESSAGE, 'message');
    return answer;
  }
  const stream = client.messages.stream(params);
  const events = [];
  stream.on('streamEvent', (event) => events.push(structuredClone(event)));
  const answer = await stream.finalMessage();
  events.forEach((event) => check(event, EVENT, 'event'));
  check(answer, MESSAGE, 'message');
  return answer;
}

async function ollamaChat(body, streamed) {
  if (!streamed) {
    const answer = await ollama.chat(body);
    check(answer, { ...LAST, message: OLLAMA_MESSAGE }, 'answer');
    return answer;
  }
  const whole = { content: '', tool_calls: [] };
  let last;
  for await (const part of await ollama.chat({ ...body, stream: true })) {
    check(part, { model: filled, created_at: time, done: is(true, false), message: OLLAMA_MESSAGE }, 'part');
    whole.content += part.message.content;
    whole.tool_calls.push(...(part.message.tool_calls ?? []));
    last = part;
  }
  check(last, LAST, 'last part');
  return { ...last, message: whole };
}

const textOf = (answer) => answer.content.map((block) => block.text ?? '').join('');

// --- Cases ------------------------------------------------------------------------------------------------------------

const pipeline = (provider) => `pipeline/say-${provider}`;

const cases = [];
const add = (client, path, provider, streamed, what, run) => cases.push({ client, path, provider, streamed, what, run });

for (const provider of PROVIDERS) {
  const model = MODELS[provider];
  for (const streamed of [false, true]) {
    const chat = (what, run) => add('openai', '/v1/chat/completions', provider, streamed, what, run);
    chat('text', async () => {
      const answer = await completion({ model, messages: [system, user('Say hello')] }, streamed);
      equal(answer.choices[0].message.content, HELLO, 'content');
      equal(answer.choices[0].finish_reason, 'stop', 'finish_reason');
      return `${answer.usage.prompt_tokens}+${answer.usage.completion_tokens} tokens`;
    });
    chat('text of a pipeline', async () => {
      const answer = await completion({ model: pipeline(provider), messages: [user('Say hello')] }, streamed);
      equal(answer.choices[0].message.content, HELLO, 'content');
      equal(answer.model, pipeline(provider), 'model');
      return 'hello';
    });
    chat('tools', async () => {
      const messages = [system, user('What weather is it in Paris?')];
      const called = await completion({ model, messages, tools: [FUNCTION] }, streamed);
      equal(called.choices[0].finish_reason, 'tool_calls', 'finish_reason');
      const [call] = called.choices[0].message.tool_calls;
      equal([call.function.name, JSON.parse(call.function.arguments)], ['get_weather', ASKED], 'call');
      const { role, content, tool_calls } = called.choices[0].message;
      messages.push({ role, content, tool_calls }, { role: 'tool', tool_call_id: call.id, content: '21 degrees' });
      const answer = await completion({ model, messages, tools: [FUNCTION] }, streamed);
      equal(answer.choices[0].message.content, 'It is 21 degrees.', 'content');
      return 'called, answered';
    });
    chat('JSON', async () => {
      const answer = await completion({ model, messages: [user('In JSON')], response_format: JSON_FORMAT }, streamed);
      equal(JSON.parse(answer.choices[0].message.content).celsius, 21, 'celsius');
      return 'JSON';
    });
    chat('image', async () => {
      const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } };
      const answer = await completion({ model, messages: [user([{ type: 'text', text: 'What colour?' }, image])] }, streamed);
      equal(answer.choices[0].message.content, 'Red.', 'content');
      return 'Red.';
    });

    const messages = (what, run) => add('@anthropic-ai/sdk', '/v1/messages', provider, streamed, what, run);
    messages('text', async () => {
      const answer = await message({ model, system: 'Be brief.', messages: [user('Say hello')] }, streamed);
      equal(textOf(answer), HELLO, 'content');
      equal(answer.stop_reason, 'end_turn', 'stop_reason');
      return `${answer.usage.input_tokens}+${answer.usage.output_tokens} tokens`;
    });
    messages('text of a pipeline', async () => {
      const answer = await message({ model: pipeline(provider), messages: [user('Say hello')] }, streamed);
      equal(textOf(answer), HELLO, 'content');
      return 'hello';
    });
    messages('text, Bearer', async () => {
      const answer = await message({ model, messages: [user('Say hello')] }, streamed, bearer);
      equal(textOf(answer), HELLO, 'content');
      return 'hello';
    });
    messages('tools', async () => {
      const asked = [user('What weather is it in Paris?')];
      const called = await message({ model, messages: asked, tools: [TOOL] }, streamed);
      equal(called.stop_reason, 'tool_use', 'stop_reason');
      const use = called.content.find((block) => block.type === 'tool_use');
      equal([use.name, use.input], ['get_weather', ASKED], 'call');
      asked.push(
        { role: 'assistant', content: called.content },
        user([{ type: 'tool_result', tool_use_id: use.id, content: '21 degrees' }]),
      );
      const answer = await message({ model, messages: asked, tools: [TOOL] }, streamed);
      equal(textOf(answer), 'It is 21 degrees.', 'content');
      return 'called, answered';
    });
    messages('image', async () => {
      const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } };
      const answer = await message({ model, messages: [user([image, { type: 'text', text: 'What colour?' }])] }, streamed);
      equal(textOf(answer), 'Red.', 'content');
      return 'Red.';
    });

    const llama = (what, run) => add('ollama', '/ollama/api/chat', provider, streamed, what, run);
    llama('text', async () => {
      const answer = await ollamaChat({ model, messages: [system, user('Say hello')] }, streamed);
      equal(answer.message.content, HELLO, 'content');
      equal(answer.done_reason, 'stop', 'done_reason');
      return `${answer.prompt_eval_count}+${answer.eval_count} tokens`;
    });
    llama('text of a pipeline', async () => {
      const answer = await ollamaChat({ model: pipeline(provider), messages: [user('Say hello')] }, streamed);
      equal(answer.message.content, HELLO, 'content');
      return 'hello';
    });
    llama('tools', async () => {
      const asked = [user('What weather is it in Paris?')];
      const called = await ollamaChat({ model, messages: asked, tools: [FUNCTION] }, streamed);
      const [call] = called.message.tool_calls;
      equal([call.function.name, call.function.arguments], ['get_weather', ASKED], 'call');
      asked.push(
        { role: 'assistant', content: '', tool_calls: called.message.tool_calls },
        { role: 'tool', tool_name: 'get_weather', content: '21 degrees' },
      );
      const answer = await ollamaChat({ model, messages: asked, tools: [FUNCTION] }, streamed);
      equal(answer.message.content, 'It is 21 degrees.', 'content');
      return 'called, answered';
    });
    llama('image', async () => {
      const answer = await ollamaChat({ model, messages: [{ ...user('What colour?'), images: [PNG] }] }, streamed);
      equal(answer.message.content, 'Red.', 'content');
      return 'Red.';
    });
    add('ollama', '/ollama/api/generate', provider, streamed, 'text', async () => {
      let text = '';
      let last;
      if (streamed) {
        for await (const part of await ollama.generate({ model, prompt: 'Say hello', stream: true })) {
          check(part, { model: filled, created_at: time, response: string, done: is(true, false) }, 'part');
          text += part.response;
          last = part;
        }
      } else {
        last = await ollama.generate({ model, prompt: 'Say hello' });
        text = last.response;
      }
      check(last, LAST, 'last part');
      equal(text, HELLO, 'response');
      return 'hello';
    });
  }
}

for (const streamed of [false, true]) {
  const respond = (what, model) => add('openai', '/v1/responses', 'openai', streamed, what, async () => {
    const body = { model, input: 'Say hello' };
    let answer;
    if (streamed) {
      const stream = openai.responses.stream(body);
      // aimock sends no sequence_number, which the published description requires.
      stream.on('event', (event) => check(event, { type: filled, sequence_number: optional(count) }, 'event'));
      answer = await stream.finalResponse();
    } else {
      answer = await openai.responses.create(body);
    }
    check(answer, RESPONSE, 'response');
    equal(answer.output_text, HELLO, 'output_text');
    return `${answer.usage.total_tokens} tokens`;
  });
  respond('text', MODELS.openai);
  respond('text of a pipeline', pipeline('openai'));
}

add('openai', '/v1/embeddings', 'openai', false, 'embedding', async () => {
  const answer = await openai.embeddings.create({
    model: 'text-embedding-3-small', input: ['one', 'two'], encoding_format: 'float',
  });
  check(answer, EMBEDDINGS, 'embeddings');
  equal(answer.data[0].embedding, [0.5, -0.25, 0.125], 'embedding');
  return `${answer.data.length} vectors`;
});
add('openai', '/v1/embeddings', 'ollama', false, 'embedding', async () => {
  const answer = await openai.embeddings.create({ model: MODELS.ollama, input: ['one', 'two'], encoding_format: 'float' });
  check(answer, EMBEDDINGS, 'embeddings');
  return `${answer.data.length} vectors`;
});
add('ollama', '/ollama/api/embed', 'openai', false, 'embedding', async () => {
  const answer = await ollama.embed({ model: 'text-embedding-3-small', input: ['one', 'two'] });
  check(answer, { model: filled, embeddings: list(list(number)) }, 'embeddings');
  equal(answer.embeddings.length, 2, 'number of vectors');
  return `${answer.embeddings.length} vectors`;
});
add('openai', '/v1/models', 'all', false, 'list', async () => {
  const models = [];
  for await (const model of openai.models.list()) {
    check(model, OPENAI_MODEL, 'model');
    models.push(model.id);
  }
  truth(PROVIDERS.every((provider) => models.includes(MODELS[provider])), `models are ${models}`);
  check(await openai.models.retrieve(MODELS.openai), OPENAI_MODEL, 'model');
  return `${models.length} models`;
});
add('@anthropic-ai/sdk', '/v1/models', 'all', false, 'list', async () => {
  const models = [];
  for await (const model of anthropic.models.list()) {
    check(model, ANTHROPIC_MODEL, 'model');
    models.push(model.id);
  }
  truth(models.includes(MODELS.anthropic), `models are ${models}`);
  return `${models.length} models`;
});
add('ollama', '/ollama/api/tags', 'all', false, 'list', async () => {
  const { models } = await ollama.list();
  check(models, list(OLLAMA_TAG), 'models');
  truth(models.some(({ name }) => name.startsWith(MODELS.ollama)), `models are ${models.map(({ name }) => name)}`);
  return `${models.length} models`;
});
add('ollama', '/ollama/api/version', 'all', false, 'version', async () => {
  const { version } = await ollama.version();
  truth(/^\d+\.\d+/.test(version), `version is ${version}`);
  return 'a version';
});

// Failures: the client must say so by its own error, in time, and must not ask again by itself.

const CLIENTS = {
  openai: {
    path: '/v1/chat/completions',
    native: 'openai',
    of: openaiOf,
    ask: async (client, model, text, streamed) => {
      const body = { model, messages: [user(text)] };
      const got = [];
      if (!streamed) {
        return client.chat.completions.create(body);
      }
      for await (const chunk of await client.chat.completions.create({ ...body, stream: true })) {
        got.push(chunk);
      }
      return got;
    },
    type: OpenAI.APIError,
    classes: {
      401: OpenAI.AuthenticationError,
      404: OpenAI.NotFoundError,
      400: OpenAI.BadRequestError,
      429: OpenAI.RateLimitError,
      500: OpenAI.InternalServerError,
    },
    requestId: (e) => e.requestID,
    errorShape: { message: filled, type: nullable(string), param: nullable(string), code: nullable(string) },
  },
  '@anthropic-ai/sdk': {
    path: '/v1/messages',
    native: 'anthropic',
    of: anthropicOf,
    ask: async (client, model, text, streamed) => {
      const body = { model, max_tokens: 300, messages: [user(text)] };
      const got = [];
      if (!streamed) {
        return client.messages.create(body);
      }
      for await (const event of await client.messages.create({ ...body, stream: true })) {
        got.push(event);
      }
      return got;
    },
    type: Anthropic.APIError,
    classes: {
      401: Anthropic.AuthenticationError,
      404: Anthropic.NotFoundError,
      400: Anthropic.BadRequestError,
      429: Anthropic.RateLimitError,
      500: Anthropic.InternalServerError,
    },
    requestId: (e) => e.requestID,
    errorShape: { type: is('error'), error: { type: filled, message: filled } },
  },
  ollama: {
    path: '/ollama/api/chat',
    native: 'ollama',
    of: ollamaOf,
    ask: async (client, model, text, streamed) => {
      const body = { model, messages: [user(text)] };
      const got = [];
      if (!streamed) {
        return client.chat(body);
      }
      for await (const part of await client.chat({ ...body, stream: true })) {
        got.push(part);
      }
      return got;
    },
    type: Error,
  },
};

function judged(kind, e, status, inside) {
  truth(e instanceof kind.type, `it threw ${e?.constructor?.name}: ${e?.message}`);
  truth(!/fetch failed|terminated|socket|JSON at position|Unexpected token/.test(e.message), `no answer of the protocol: ${e.message}`);
  if (inside) {
    return `error in the stream`;
  }
  const code = kind.classes ? e.status : e.status_code;
  truth(status.includes(code), `status is ${code}: ${e.message}`);
  if (kind.classes) {
    truth(e instanceof kind.classes[Math.min(code, 500)], `${code} is ${e.constructor.name}`);
    truth(filled(kind.requestId(e)), 'no request id');
    check(e.error, kind.errorShape, 'error');
    truth(e.status !== 429 || Number(e.headers.get('retry-after')) >= 1, 'no Retry-After');
  }
  return `${code} ${e.constructor.name}`;
}

/**
 * What goes wrong, and which statuses may tell it; a stream that has begun tells it inside. Where an answer is translated,
 * the failures that its body or its pieces tell are tried.
 */
const WRONG = {
  drop: [500, 502, 503, 504],
  malformed: [502, 503],
  limit: [429],
  disconnect: [502, 503],
  overload: [502, 503, 529],
  refuse: [400],
  cut: [],
};
const WRONG_WHEN_TRANSLATED = ['malformed', 'limit', 'cut'];

for (const [client, kind] of Object.entries(CLIENTS)) {
  for (const provider of PROVIDERS) {
    for (const streamed of [false, true]) {
      for (const [what, status] of Object.entries(WRONG)) {
        const inside = what === 'cut';
        if ((inside && !streamed) || (provider !== kind.native && !WRONG_WHEN_TRANSLATED.includes(what))) {
          continue;
        }
        add(client, kind.path, provider, streamed, `chaos ${what}`, async () => {
          await key(provider);
          sent = 0;
          try {
            await kind.ask(kind.of(TOKEN), MODELS[provider], `chaos ${what}`, streamed);
          } catch (e) {
            const seen = judged(kind, e, status, inside);
            // A limit passes by itself, and a client may wait for that: whatever else was tried again was tried by Mimir.
            truth(sent === 1 || (what === 'limit' && sent <= 3), `${sent} requests`);
            return seen;
          }
          throw new Error('no error');
        });
      }
    }
  }
  for (const streamed of [false, true]) {
    add(client, kind.path, 'none', streamed, 'another token', () =>
      failing(() => kind.ask(kind.of(`mimir_${'A'.repeat(49)}`), MODELS.openai, 'Say hello', streamed), kind, [401]));
    add(client, kind.path, 'none', streamed, 'unknown model', () =>
      failing(() => kind.ask(kind.of(TOKEN), 'no-such-model', 'Say hello', streamed), kind, [404]));
  }
}

async function failing(run, kind, status) {
  sent = 0;
  try {
    await run();
  } catch (e) {
    const seen = judged(kind, e, status, false);
    equal(sent, 1, 'number of requests');
    return seen;
  }
  throw new Error('no error');
}

// --- Keys of Mimir ----------------------------------------------------------------------------------------------------

async function settings(method, path, body) {
  const response = await fetch(`${BASE_URL}/api/v1/settings${path}`, {
    method,
    headers: { Authorization: `Bearer ${SETTINGS_TOKEN}`, ...(body && { 'Content-Type': 'application/json' }) },
    body: body && JSON.stringify(body),
  });
  truth(response.ok, `${method} ${path} is answered with ${response.status}: ${response.ok || (await response.text())}`);
  return response.json();
}

const made = {};

/** The only key of a provider, without a past. */
async function key(provider) {
  if (made[provider]) {
    await settings('DELETE', `/api-keys/${made[provider]}`);
  }
  const embedders = provider === 'openai' ? ['text-embedding-3-small'] : [];
  const answer = await settings('POST', '/api-keys', {
    provider,
    name: `aimock as ${provider}`,
    key_value: `sk-aimock-${provider}-0123456789`,
    endpoint_url: UPSTREAM,
    metadata: { default_model: MODELS[provider], available_models: [MODELS[provider], ...embedders] },
  });
  made[provider] = answer.id;
}

/** A pipeline that asks the model of a provider what it is asked. */
async function makePipeline(provider) {
  const ask = { name: 'ask', model: `${provider}/${MODELS[provider]}`, prompt: '{{input.prompt}}' };
  const response = await fetch(`${BASE_URL}/api/v1/pipelines`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${PIPELINES_TOKEN}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ definition: { name: `say-${provider}`, steps: [ask] }, is_shared: true }),
  });
  truth(response.ok, `a pipeline is answered with ${response.status}: ${response.ok || (await response.text())}`);
}

// --- Run --------------------------------------------------------------------------------------------------------------

async function inTime(run) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${PATIENCE} ms`)), PATIENCE);
  });
  try {
    return await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
}

for (const provider of PROVIDERS) {
  await key(provider);
  await makePipeline(provider);
}
for (const { run, ...about } of cases) {
  try {
    console.log(JSON.stringify({ ...about, ok: true, seen: await inTime(run) }));
  } catch (e) {
    console.log(JSON.stringify({ ...about, ok: false, seen: `${e.constructor.name}: ${e.message}`.slice(0, 500) }));
  }
}
process.exit(0);
