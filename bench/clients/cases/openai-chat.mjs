// openai-node: chat completions, texts and their settings.
import { HELLO, LONG, WITH_STOP } from '../provider/answers.mjs';
import { USAGE } from '../../agents/provider/common.mjs';
import { by, equal, files, holds, lines, list, parse, PDF, PDF_TOLD, PICTURE, pictures, PNG, PNG_TOLD, shaped, told } from './kit.mjs';
import { CHUNK, COMPLETION } from './shapes.mjs';

const { cases, add } = list('chat');
export default cases;

export const user = (content) => ({ role: 'user', content });

/** A whole answer, and its only choice, checked in what every answer has. */
export async function complete(t, body, options) {
  const answer = await t.client.chat.completions.create({ model: t.model, ...body }, options);
  shaped(answer, COMPLETION, 'completion');
  equal(answer.choices.length, 1, 'number of choices');
  counted(answer.usage, t);
  return answer.choices[0];
}

/** Every target tells the same numbers; those of Ollama's own have no cache. */
export function counted(usage) {
  equal([usage.prompt_tokens, usage.completion_tokens, usage.total_tokens], [USAGE.input, USAGE.output, USAGE.input + USAGE.output], 'usage');
  equal(usage.prompt_tokens_details?.cached_tokens, USAGE.cached, 'cached tokens of the usage');
}

/** What the model tells of a request that it has got. */
export async function tell(t, body, options) {
  const messages = body.messages ?? [user('case:tell Tell what you got.')];
  const choice = await complete(t, { ...body, messages }, options);
  equal(choice.finish_reason, 'stop', 'finish_reason');
  return parse(choice.message.content, 'content');
}

/** Chunks in their order: one with the role first, one with the reason last, and usage behind it where it was asked for. */
export function ordered(chunks, reason, { usage = false } = {}) {
  chunks.forEach((chunk) => shaped(chunk, CHUNK, 'chunk'));
  equal(new Set(chunks.map((chunk) => chunk.id)).size, 1, 'ids of the chunks');
  const spoken = chunks.filter((chunk) => chunk.choices.length);
  equal(spoken[0].choices[0].delta.role, 'assistant', 'role of the first chunk');
  equal(spoken.map((chunk) => chunk.choices[0].finish_reason).filter(Boolean), [reason], 'finish reasons');
  equal(spoken.at(-1).choices[0].finish_reason, reason, 'finish_reason of the last choice');
  const counts = chunks.filter((chunk) => chunk.usage);
  equal(counts.length, usage ? 1 : 0, 'number of chunks with usage');
  if (!usage) return equal(chunks.filter((chunk) => !chunk.choices.length).length, 0, 'number of chunks without choices');
  equal(chunks.at(-1).choices, [], 'choices of the last chunk');
  return counted(counts[0].usage);
}

add('chat: text', async (t) => {
  const choice = await complete(t, { messages: [user('case:text Say hello.')] });
  equal(choice.message.content, HELLO, 'content');
  equal(choice.finish_reason, 'stop', 'finish_reason');
});

add('chat: text, streamed', async (t) => {
  const chunks = [];
  for await (const chunk of await t.client.chat.completions.create({ model: t.model, messages: [user('case:text Say hello.')], stream: true })) chunks.push(chunk);
  ordered(chunks, 'stop');
  const deltas = chunks.map((chunk) => chunk.choices[0].delta.content ?? '').filter(Boolean);
  equal(deltas.join(''), HELLO, 'content');
  holds(deltas.length > 2, 'number of pieces', 'more than two', deltas.length);
});

add('chat: system message', async (t) => {
  const view = await tell(t, { messages: [{ role: 'system', content: 'Be brief.' }, user('case:tell Go.')] });
  told(view, { system: 'Be brief.' });
  equal(lines(view), ['user: case:tell Go.'], 'turns');
});

add('chat: developer message', async (t) => {
  const view = await tell(t, { messages: [{ role: 'developer', content: [{ type: 'text', text: 'Be brief.' }] }, user('case:tell Go.')] });
  told(view, { system: 'Be brief.' });
  equal(lines(view), ['user: case:tell Go.'], 'turns');
});

add('chat: several turns', async (t) => {
  const messages = [user('Hello'), { role: 'assistant', content: 'Yes?' }, user([{ type: 'text', text: 'case:tell ' }, { type: 'text', text: 'Go.' }])];
  equal(lines(await tell(t, { messages })), ['user: Hello', 'assistant: Yes?', 'user: case:tell Go.'], 'turns');
});

add('chat: images as data URLs, one with detail low', async (t) => {
  const image = (more) => ({ type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}`, ...more } });
  const view = await tell(t, { messages: [user([{ type: 'text', text: 'case:tell What colour?' }, image(), image({ detail: 'low' })])] });
  // Anthropic has no word for the detail.
  equal(pictures(view), [PNG_TOLD, by(t, { anthropic: PNG_TOLD, otherwise: `${PNG_TOLD} low` })], 'images');
});

add('chat: image by https', async (t) => {
  const view = await tell(t, { messages: [user([{ type: 'text', text: 'case:tell What colour?' }, { type: 'image_url', image_url: { url: PICTURE } }])] });
  equal(pictures(view), [PICTURE], 'images');
}, { targets: ['openai', 'anthropic', 'custom'] });

add('chat: file part with a PDF', async (t) => {
  const file = { type: 'file', file: { filename: 'page.pdf', file_data: `data:application/pdf;base64,${PDF}` } };
  const [seen, ...others] = files(await tell(t, { messages: [user([file, { type: 'text', text: 'case:tell What is on it?' }])] }));
  // A document of Anthropic's may have a title, and needs none.
  const known = t.target === 'anthropic' ? [PDF_TOLD, `page.pdf: ${PDF_TOLD}`] : [`page.pdf: ${PDF_TOLD}`];
  holds(known.includes(seen) && !others.length, 'files', known.join(' or '), [seen, ...others]);
}, { targets: ['openai', 'anthropic', 'custom'] });

add('chat: temperature', async (t) => told(await tell(t, { model: t.plain, temperature: 0.25 }), { temperature: 0.25 }));
add('chat: top_p', async (t) => told(await tell(t, { model: t.plain, top_p: 0.5 }), { top_p: 0.5 }));

add('chat: stop', async (t) => {
  for (const stop of ['END', ['nowhere', 'END']]) {
    const choice = await complete(t, { model: t.plain, stop, messages: [user('case:stop Count.')] });
    equal(choice.message.content, WITH_STOP.slice(0, WITH_STOP.indexOf('END')), 'content');
    equal(choice.finish_reason, 'stop', 'finish_reason');
  }
});

const limited = (name, model) => async (t) => {
  const choice = await complete(t, { model: model(t), [name]: 20, messages: [user('case:long Talk.')] });
  equal(choice.finish_reason, 'length', 'finish_reason');
  equal(choice.message.content, LONG.split(' ').slice(0, 20).join(' '), 'content');
};
add('chat: max_tokens', limited('max_tokens', (t) => t.plain));
add('chat: max_completion_tokens', limited('max_completion_tokens', (t) => t.model));

// Anthropic has no word for these: that the question is answered is what the client sees.
const unless = (t, expected) => by(t, { anthropic: Object.fromEntries(Object.keys(expected).map((name) => [name, null])), otherwise: expected });

add('chat: n, seed, penalties and logit_bias', async (t) => {
  const asked = { n: 1, seed: 7, frequency_penalty: 0.5, presence_penalty: -0.5, logit_bias: { 50256: -100 } };
  told(await tell(t, { model: t.plain, ...asked }), unless(t, asked));
});
add('chat: user, metadata and store', async (t) => {
  const asked = { user: 'somebody', metadata: { job: 'nightly' }, store: true };
  told(await tell(t, asked), unless(t, asked));
});
add('chat: service_tier', async (t) => told(await tell(t, { service_tier: 'flex' }), unless(t, { service_tier: 'flex' })));
add('chat: prompt_cache_key and safety_identifier', async (t) => {
  const asked = { prompt_cache_key: 'conversation-1', safety_identifier: 'somebody' };
  told(await tell(t, asked), unless(t, asked));
});
add('chat: reasoning_effort', async (t) => {
  const view = await tell(t, { reasoning_effort: 'low' });
  told(view, { effort: 'low', thinks: by(t, { anthropic: 'adaptive', otherwise: null }) });
});
add('chat: verbosity', async (t) => told(await tell(t, { verbosity: 'low' }), unless(t, { verbosity: 'low' })));
add('chat: prediction', async (t) => {
  const asked = { prediction: { type: 'content', content: 'class A {}' } };
  told(await tell(t, { model: t.plain, ...asked }), unless(t, asked));
});

add('chat: stream_options.include_usage', async (t) => {
  const chunks = [];
  const body = { model: t.model, messages: [user('case:text Say hello.')], stream: true, stream_options: { include_usage: true } };
  for await (const chunk of await t.client.chat.completions.create(body)) chunks.push(chunk);
  ordered(chunks, 'stop', { usage: true });
  equal(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join(''), HELLO, 'content');
});

add('chat: a stream that is left midway', async (t) => {
  const stream = await t.client.chat.completions.create({ model: t.model, messages: [user('case:slow Talk.')], stream: true });
  let text = '';
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    if (text.length > 60) stream.controller.abort();
  }
  holds(text.length > 60 && text.length < LONG.length && LONG.startsWith(text), 'text until the end', 'a beginning of the text', text);
  // The next question on the same connections is answered as ever.
  equal((await complete(t, { messages: [user('case:text Say hello.')] })).message.content, HELLO, 'content of the next answer');
});

add('chat: withResponse', async (t) => {
  const { data, response, request_id } = await t.client.chat.completions.create({ model: t.model, messages: [user('case:text Say hello.')] }).withResponse();
  shaped(data, COMPLETION, 'completion');
  equal(data.choices[0].message.content, HELLO, 'content');
  equal(response.status, 200, 'status');
  holds(/^application\/json/.test(response.headers.get('content-type')), 'content-type', 'application/json', response.headers.get('content-type'));
  const named = response.headers.get('x-request-id');
  holds(named && named === request_id && named === data._request_id, 'request id', 'that of the header x-request-id', [named, request_id, data._request_id]);
});

// In place of what a target does not have.
add('chat: the stream helper', async (t) => {
  const seen = [];
  const stream = t.client.chat.completions.stream({ model: t.model, messages: [user('case:text Say hello.')] });
  stream.on('content', (delta, snapshot) => seen.push([delta, snapshot]));
  const answer = await stream.finalChatCompletion();
  equal(answer.choices[0].message.content, HELLO, 'content');
  equal(await stream.finalContent(), HELLO, 'final content');
  equal(seen.at(-1)[1], HELLO, 'last snapshot');
  equal(seen.map(([delta]) => delta).join(''), HELLO, 'pieces');
}, { targets: ['anthropic'] });

add('chat: two images and texts between them', async (t) => {
  const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } };
  const view = await tell(t, { messages: [user([{ type: 'text', text: 'case:tell First ' }, image, { type: 'text', text: 'and second' }, image])] });
  equal(pictures(view), [PNG_TOLD, PNG_TOLD], 'images');
  equal(lines(view), ['user: case:tell First and second'], 'texts');
}, { targets: ['ollama'] });
