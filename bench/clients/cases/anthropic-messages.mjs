// @anthropic-ai/sdk: texts, settings, images and documents, structured output, models, errors.
import { GOES_ON, HELLO, LONG, WITH_STOP } from '../provider/answers.mjs';
import { USAGE } from '../../agents/provider/common.mjs';
import { by, equal, failing, files, holds, lines, list, parse, PDF, PDF_TOLD, PICTURE, pictures, PNG, PNG_TOLD, refused, REPORT, shaped, told } from './kit.mjs';
import { ANTHROPIC_MODEL, MESSAGE, MESSAGE_EVENT } from './shapes.mjs';

const { cases, add } = list('messages');
export default cases;

export const user = (content) => ({ role: 'user', content });
export const textOf = (answer) => answer.content.filter((block) => block.type === 'text').map((block) => block.text).join('');

/** Anthropic counts what came from a cache apart, OpenAI's protocol within. */
export function counted(usage) {
  equal([usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens], [USAGE.input - USAGE.cached, USAGE.cached, USAGE.output], 'usage');
}

export async function ask(t, body, options) {
  const answer = shaped(await t.client.messages.create({ model: t.model, max_tokens: 1000, ...body }, options), MESSAGE, 'message');
  counted(answer.usage);
  return answer;
}

export async function tell(t, body, options) {
  const answer = await ask(t, { messages: [user('case:tell Tell what you got.')], ...body }, options);
  equal(answer.stop_reason, 'end_turn', 'stop_reason');
  return parse(textOf(answer), 'text');
}

/** Events in their order: the message around its blocks, each of them begun, told and ended before the next. */
export function ordered(events, reason) {
  const all = events.filter((event) => event.type !== 'ping');
  all.forEach((event) => shaped(event, MESSAGE_EVENT, event.type ?? 'event'));
  equal([all[0].type, all.at(-2).type, all.at(-1).type], ['message_start', 'message_delta', 'message_stop'], 'first and last events');
  let open = -1;
  let begun = 0;
  for (const event of all.slice(1, -2)) {
    if (event.type === 'content_block_start') {
      equal([open, event.index], [-1, begun], 'open block and index of the next');
      open = event.index;
      begun++;
    } else {
      equal(event.index, open, `index of a ${event.type}`);
      if (event.type === 'content_block_stop') open = -1;
    }
  }
  equal(open, -1, 'block that is still open at the end');
  equal(all.at(-2).delta.stop_reason, reason, 'stop_reason');
  const begin = all[0].message.usage;
  counted({ ...begin, ...Object.fromEntries(Object.entries(all.at(-2).usage).filter(([, value]) => value !== null)) });
}

export async function streamed(t, body, options) {
  const events = [];
  for await (const event of await t.client.messages.create({ model: t.model, max_tokens: 1000, ...body, stream: true }, options)) events.push(event);
  return events;
}
export const deltas = (events, type, member) => events.filter((event) => event.delta?.type === type).map((event) => event.delta[member]);

add('text', async (t) => {
  const answer = await ask(t, { messages: [user('case:text Say hello.')] });
  equal([textOf(answer), answer.stop_reason, answer.stop_sequence, answer.model], [HELLO, 'end_turn', null, t.model], 'answer');
});

add('text, streamed', async (t) => {
  const events = await streamed(t, { messages: [user('case:text Say hello.')] });
  ordered(events, 'end_turn');
  const pieces = deltas(events, 'text_delta', 'text');
  equal(pieces.join(''), HELLO, 'text');
  holds(pieces.length > 2, 'number of pieces', 'more than two', pieces.length);
});

add('system as text', async (t) => told(await tell(t, { system: 'Be brief.' }), { system: 'Be brief.' }));

add('system as blocks with cache_control and ttl', async (t) => {
  const system = [{ type: 'text', text: 'Be brief.' }, { type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral', ttl: '1h' } }];
  const view = await tell(t, { system, messages: [user([{ type: 'text', text: 'case:tell Go.', cache_control: { type: 'ephemeral' } }])] });
  holds(/^Be brief\.\s*Be kind\.$/.test(view.system), 'what arrived as system', 'both texts', view.system);
  told(view, { marks: by(t, { anthropic: ['1h', '5m'], otherwise: [] }) });
});

add('several turns', async (t) => {
  const text = (said) => ({ type: 'text', text: said });
  const messages = [user('Hello'), { role: 'assistant', content: [text('Yes?')] }, user([text('case:tell '), text('Go.')])];
  const seen = lines(await tell(t, { messages }));
  equal(seen.slice(0, 2), ['user: Hello', 'assistant: Yes?'], 'turns before the last');
  holds(/^user: case:tell\s+Go\.$/.test(seen[2]) && seen.length === 3, 'last turn', 'both texts', seen.slice(2));
});

add('prefill', async (t) => {
  const answer = await ask(t, { model: t.plain, messages: [user('case:prefill Write.'), { role: 'assistant', content: 'Once upon a time' }] });
  equal(textOf(answer), GOES_ON, 'text');
});

add('image of base64', async (t) => {
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } };
  equal(pictures(await tell(t, { messages: [user([image, { type: 'text', text: 'case:tell What colour?' }])] })), [PNG_TOLD], 'images');
});

add('image by url', async (t) => {
  const image = { type: 'image', source: { type: 'url', url: PICTURE } };
  equal(pictures(await tell(t, { messages: [user([image, { type: 'text', text: 'case:tell What colour?' }])] })), [PICTURE], 'images');
}, { targets: ['openai', 'anthropic', 'custom'] });

add('document: a PDF', async (t) => {
  const pdf = { type: 'document', title: 'page.pdf', source: { type: 'base64', media_type: 'application/pdf', data: PDF } };
  const [file] = files(await tell(t, { messages: [user([pdf, { type: 'text', text: 'case:tell What is on it?' }])] }));
  holds(file?.endsWith(PDF_TOLD), 'file', PDF_TOLD, file);
}, { targets: ['openai', 'anthropic', 'custom'] });

// In place of pictures by address and of documents of base64, which Ollama does not have.
add('two images in one message', async (t) => {
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } };
  equal(pictures(await tell(t, { messages: [user([image, image, { type: 'text', text: 'case:tell What colours?' }])] })), [PNG_TOLD, PNG_TOLD], 'images');
}, { targets: ['ollama'] });
add('document: a text', async (t) => {
  const text = { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'The harbour is closed.' } };
  const seen = lines(await tell(t, { messages: [user([text, { type: 'text', text: 'case:tell What is said?' }])] })).join('\n');
  holds(/The harbour is closed\./.test(seen), 'what arrived of the text', 'The harbour is closed.', seen);
}, { targets: ['ollama'] });

add('stop_sequences and max_tokens', async (t) => {
  const stopped = await ask(t, { model: t.plain, stop_sequences: ['nowhere', 'END'], messages: [user('case:stop Count.')] });
  equal(textOf(stopped), WITH_STOP.slice(0, WITH_STOP.indexOf('END')), 'text until the sequence');
  // Which sequence it was is told by Anthropic only.
  equal([stopped.stop_reason, stopped.stop_sequence], by(t, { anthropic: ['stop_sequence', 'END'], otherwise: ['end_turn', null] }), 'reason and sequence');
  const cut = await ask(t, { max_tokens: 20, messages: [user('case:long Talk.')] });
  equal([textOf(cut), cut.stop_reason], [LONG.split(' ').slice(0, 20).join(' '), 'max_tokens'], 'answer with a limit');
});

add('temperature, top_p, top_k and metadata.user_id', async (t) => {
  const more = { model: t.plain, metadata: { user_id: 'somebody' } };
  const first = await tell(t, { ...more, temperature: 0.25, top_k: 40 });
  // OpenAI's protocol has no top_k.
  told(first, { temperature: 0.25, top_k: by(t, { openai: null, custom: null, otherwise: 40 }) });
  told(await tell(t, { ...more, top_p: 0.5 }), { top_p: 0.5 });
  told(first, { metadata: by(t, { anthropic: { user_id: 'somebody' }, otherwise: null }) });
});

add('count_tokens', async (t) => {
  const count = async (more) => (await t.client.messages.countTokens({ model: t.model, messages: [user('word '.repeat(400))], ...more })).input_tokens;
  const bare = await count({});
  holds(Number.isInteger(bare) && bare > 300 && bare < 1000, 'input_tokens', 'between 300 and 1000', bare);
  const system = await count({ system: 'Be brief. '.repeat(20) });
  const tools = await count({ tools: [{ name: 'now', description: 'The time. '.repeat(20), input_schema: { type: 'object' } }] });
  holds(system > bare && tools > bare, 'input_tokens with a system prompt, and with a tool', `more than ${bare}`, [system, tools]);
});

add('models: list and retrieve', async (t) => {
  const ids = [];
  for await (const model of t.client.models.list()) ids.push(shaped(model, ANTHROPIC_MODEL, 'model').id);
  holds(ids.includes(t.model) && ids.includes(t.plain), 'ids', `${t.model} and ${t.plain} among them`, ids);
  equal(shaped(await t.client.models.retrieve(t.model), ANTHROPIC_MODEL, 'model').id, t.model, 'id');
});

add('structured output', async (t) => {
  const messages = [user('case:json How is the weather?')];
  const answer = await ask(t, { messages, output_config: { format: { type: 'json_schema', schema: REPORT } } });
  equal(parse(textOf(answer), 'text'), { city: 'Paris', celsius: 21 }, 'object');
  const { z, zodOutputFormat } = t.lib;
  const format = zodOutputFormat(z.object({ city: z.string(), celsius: z.number() }));
  const parsed = await t.client.messages.parse({ model: t.model, max_tokens: 1000, messages, output_config: { format } });
  equal(parsed.parsed_output, { city: 'Paris', celsius: 21 }, 'parsed_output');
});

add('a stream that is left midway', async (t) => {
  const stream = await t.client.messages.create({ model: t.model, max_tokens: 1000, messages: [user('case:slow Talk.')], stream: true });
  let text = '';
  for await (const event of stream) {
    if (event.delta?.type === 'text_delta') text += event.delta.text;
    if (text.length > 60) stream.controller.abort();
  }
  holds(text.length > 60 && text.length < LONG.length && LONG.startsWith(text), 'text until the end', 'a beginning of the text', text);
  // The next question on the same connections is answered as ever.
  equal(textOf(await ask(t, { messages: [user('case:text Say hello.')] })), HELLO, 'text of the next answer');
});

add('error: a prompt that the provider refuses', async (t) => {
  const body = { model: t.model, max_tokens: 1000, messages: [user('case:refuse Go.')] };
  const error = await failing(() => t.client.messages.create(body), 'a refused prompt');
  refused(error, t.lib.Anthropic.BadRequestError, 400, /does not take this prompt/);
  equal([error.error?.type, error.error?.error?.type], ['error', 'invalid_request_error'], 'type of the error');
  const again = await failing(() => streamed(t, { messages: body.messages }), 'a refused prompt, streamed');
  refused(again, t.lib.Anthropic.BadRequestError, 400, /does not take this prompt/);
});

add('error: a model that nobody has, and a wrong token', async (t) => {
  const body = { model: t.model, max_tokens: 1000, messages: [user('case:text Say hello.')] };
  const unknown = await failing(() => t.client.messages.create({ ...body, model: `${t.model}-no-such` }), 'an unknown model');
  refused(unknown, t.lib.Anthropic.NotFoundError, 404, /no-such/);
  equal(unknown.error?.error?.type, 'not_found_error', 'type of the error');
  const stranger = await failing(() => t.other().messages.create(body), 'a wrong token');
  refused(stranger, t.lib.Anthropic.AuthenticationError, 401, /\w/);
  equal(stranger.error?.error?.type, 'authentication_error', 'type of the error');
});
