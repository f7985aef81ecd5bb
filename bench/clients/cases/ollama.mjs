// ollama-js.
import { HELLO, LONG, WITH_STOP } from '../provider/answers.mjs';
import { vectorOf } from '../provider/doors.mjs';
import { USAGE } from '../../agents/provider/common.mjs';
import { by, CLOSED, equal, failing, holds, lines, list, parse, pictures, PNG, PNG_TOLD, refused, REPORT, RESULT, shaped, told, WEATHER } from './kit.mjs';
import { CHAT, CHAT_PART, EMBEDDED, GENERATED, GENERATED_PART, SHOWN, TAG } from './shapes.mjs';

const { cases, add } = list('ollama');
export default cases;

const user = (content, more = {}) => ({ role: 'user', content, ...more });
const tool = (name, parameters = WEATHER) => ({ type: 'function', function: { name, description: `What ${name} is for`, parameters } });
const THOUGHT = /^Step \d+ of the job comes next\.$/;

const counted = (answer) => equal([answer.prompt_eval_count, answer.eval_count], [USAGE.input, USAGE.output], 'counts');

async function chat(t, body) {
  const answer = shaped(await t.client.chat({ model: t.model, ...body }), CHAT, 'answer');
  counted(answer);
  equal(answer.model, body.model ?? t.model, 'model');
  return answer;
}

/** The parts of a streamed answer, put together: only the last is done. */
async function streamed(parts, part, last) {
  const all = [];
  for await (const each of await parts) all.push(shaped(each, part, 'part'));
  equal(all.map((each) => each.done), all.map((_, i) => i === all.length - 1), 'done');
  counted(shaped(all.at(-1), last, 'last part'));
  return all;
}
const chatStreamed = (t, body) => streamed(t.client.chat({ model: t.model, ...body, stream: true }), CHAT_PART, CHAT);
const joined = (parts, member) => parts.map((part) => part.message[member] ?? '').join('');

const tell = async (t, body) => parse((await chat(t, { messages: [user('case:tell Tell what you got.')], ...body })).message.content, 'content');

add('chat: text', async (t) => {
  const answer = await chat(t, { messages: [user('case:text Say hello.')] });
  equal([answer.message.content, answer.done_reason], [HELLO, 'stop'], 'answer');
});

add('chat: text, streamed', async (t) => {
  const parts = await chatStreamed(t, { messages: [user('case:text Say hello.')] });
  equal([joined(parts, 'content'), parts.at(-1).done_reason], [HELLO, 'stop'], 'answer');
  holds(parts.length > 3, 'number of parts', 'more than three', parts.length);
});

add('chat: system and several turns', async (t) => {
  const view = await tell(t, { messages: [{ role: 'system', content: 'Be brief.' }, user('Hello'), { role: 'assistant', content: 'Yes?' }, user('case:tell Go.')] });
  told(view, { system: 'Be brief.' });
  equal(lines(view), ['user: Hello', 'assistant: Yes?', 'user: case:tell Go.'], 'turns');
});

add('chat: tools, and their results', async (t) => {
  const body = { messages: [user('case:tool:get_weather,get_time How is it there?')], tools: [tool('get_weather'), tool('get_time')] };
  const { message } = await chat(t, body);
  const made = message.tool_calls?.map((call) => [call.function.name, call.function.arguments]);
  equal(made, [['get_weather', { city: 'Paris' }], ['get_time', { city: 'Paris' }]], 'calls');
  const results = [{ role: 'tool', tool_name: 'get_weather', content: RESULT }, { role: 'tool', tool_name: 'get_time', content: 'noon' }];
  const last = await chat(t, { ...body, messages: [...body.messages, message, ...results] });
  equal(parse(last.message.content, 'content'), [{ text: RESULT }, { text: 'noon' }], 'results that arrived');
});

add('chat: tools, streamed', async (t) => {
  const parts = await chatStreamed(t, { messages: [user('case:tool:get_weather How is the weather?')], tools: [tool('get_weather', CLOSED)] });
  const calls = parts.flatMap((part) => part.message.tool_calls ?? []);
  equal(calls.map((call) => [call.function.name, call.function.arguments]), [['get_weather', { city: 'Paris', unit: 'c' }]], 'calls');
});

const thought = (thinking) => holds(THOUGHT.test(thinking), 'thinking', 'the thoughts of the model', thinking);

add('chat: think', async (t) => {
  const answer = await chat(t, { messages: [user('case:text Say hello.')], think: true });
  equal(answer.message.content, HELLO, 'content');
  thought(answer.message.thinking);
  equal((await chat(t, { messages: [user('case:text Say hello.')], think: false })).message.thinking ?? '', '', 'thinking with think: false');
});

add('chat: think with a level', async (t) => {
  const view = await tell(t, { think: 'high' });
  told(view, { effort: 'high' });
});

add('chat: think, streamed', async (t) => {
  const parts = await chatStreamed(t, { messages: [user('case:text Say hello.')], think: true });
  equal(joined(parts, 'content'), HELLO, 'content');
  thought(joined(parts, 'thinking'));
});

add('chat: thoughts and calls, given back', async (t) => {
  const body = { messages: [user('case:tool:get_weather How is the weather?')], tools: [tool('get_weather')], think: true };
  const { message } = await chat(t, body);
  equal(message.tool_calls?.length, 1, 'number of calls');
  thought(message.thinking);
  const last = await chat(t, { ...body, messages: [...body.messages, message, { role: 'tool', tool_name: 'get_weather', content: RESULT }] });
  equal(parse(last.message.content, 'content'), [{ text: RESULT }], 'results that arrived');
});

add('chat: format json', async (t) => {
  const answer = await chat(t, { messages: [user('case:json In JSON, please.')], format: 'json' });
  // Anthropic has no such word: the model is told, and what it says has no fence around it.
  equal(parse(answer.message.content, 'content'), { city: 'Paris', format: by(t, { anthropic: 'none', otherwise: 'object' }) }, 'object');
});

add('chat: format with a schema', async (t) => {
  const answer = await chat(t, { messages: [user('case:json How is the weather?')], format: REPORT });
  equal(parse(answer.message.content, 'content'), { city: 'Paris', celsius: 21 }, 'object');
});

add('chat: images', async (t) => {
  const view = await tell(t, { messages: [user('case:tell What colour?', { images: [PNG, Buffer.from(PNG, 'base64')] })] });
  equal(pictures(view), [PNG_TOLD, PNG_TOLD], 'images');
});

add('chat: options temperature, top_p, top_k, seed', async (t) => {
  const view = await tell(t, { model: t.plain, options: { temperature: 0.25, top_k: 40, seed: 7 } });
  told(view, { temperature: 0.25, top_k: by(t, { openai: null, custom: null, otherwise: 40 }), seed: by(t, { anthropic: null, otherwise: 7 }) });
  told(await tell(t, { model: t.plain, options: { top_p: 0.5 } }), { top_p: 0.5 });
});

add('chat: options stop and num_predict', async (t) => {
  const stopped = await chat(t, { model: t.plain, messages: [user('case:stop Count.')], options: { stop: ['END'] } });
  equal([stopped.message.content, stopped.done_reason], [WITH_STOP.slice(0, WITH_STOP.indexOf('END')), 'stop'], 'answer with stop');
  const cut = await chat(t, { messages: [user('case:long Talk.')], options: { num_predict: 20 } });
  equal([cut.message.content, cut.done_reason], [LONG.split(' ').slice(0, 20).join(' '), 'length'], 'answer with a limit');
});

add('chat: options repeat_penalty, num_ctx, min_p', async (t) => {
  const options = { repeat_penalty: 1.1, num_ctx: 8192, min_p: 0.05 };
  // Words of Ollama's own: other providers are not told them.
  told(await tell(t, { options }), { options: by(t, { ollama: options, otherwise: null }) });
});

add('chat: keep_alive', async (t) => {
  for (const keep_alive of ['10m', 0, -1]) told(await tell(t, { keep_alive }), { keep_alive: by(t, { ollama: keep_alive, otherwise: null }) });
});

add('chat: options that nobody knows', async (t) => {
  const answer = await chat(t, { messages: [user('case:text Say hello.')], options: { num_future: 3, mirostat: 2, temperature: 1 }, future: true });
  equal(answer.message.content, HELLO, 'content');
}, { targets: ['openai', 'anthropic', 'custom'] });

// The provider of the bench takes no fields that are not published; in their place those that are and that few use.
add('chat: options that few use', async (t) => {
  const options = { num_gpu: 1, num_thread: 2, num_batch: 64, typical_p: 0.9, repeat_last_n: 32, num_keep: 4 };
  told(await tell(t, { options }), { options });
}, { targets: ['ollama'] });

add('generate: text and system', async (t) => {
  const answer = shaped(await t.client.generate({ model: t.model, prompt: 'case:text Say hello.', system: 'Be brief.' }), GENERATED, 'answer');
  equal([answer.response, answer.done_reason, answer.model], [HELLO, 'stop', t.model], 'answer');
  counted(answer);
  const more = { system: 'Be brief.', images: [PNG], options: { num_predict: 900 } };
  const view = parse((await t.client.generate({ model: t.model, prompt: 'case:tell Go.', ...more })).response, 'response');
  told(view, { system: 'Be brief.', limit: 900 });
  equal([lines(view), pictures(view)], [['user: case:tell Go.'], [PNG_TOLD]], 'prompt and images');
});

add('generate: streamed', async (t) => {
  const parts = await streamed(t.client.generate({ model: t.model, prompt: 'case:text Say hello.', stream: true }), GENERATED_PART, GENERATED);
  equal(parts.map((part) => part.response).join(''), HELLO, 'response');
  holds(parts.length > 3, 'number of parts', 'more than three', parts.length);
});

add('list, ps and version', async (t) => {
  const { models } = await t.client.list();
  models.forEach((model) => shaped(model, TAG, 'model'));
  const names = models.map((model) => model.name.replace(/:latest$/, ''));
  holds(names.includes(t.model) && names.includes(t.plain), 'names', `${t.model} and ${t.plain} among them`, names);
  holds(Array.isArray((await t.client.ps()).models), 'models of ps', 'a list', 'none');
  const { version } = await t.client.version();
  holds(/^\d+\.\d+\.\d+/.test(version), 'version', 'a version', version);
});

add('show', async (t) => {
  const shown = shaped(await t.client.show({ model: t.model }), SHOWN, 'answer');
  holds(shown.capabilities.includes('completion'), 'capabilities', 'completion among them', shown.capabilities);
});

add('embed', async (t) => {
  const answer = shaped(await t.client.embed({ model: t.embed, input: ['one', 'two'] }), EMBEDDED, 'answer');
  equal(answer.embeddings, ['one', 'two'].map((text) => vectorOf(text)), 'vectors');
  equal((await t.client.embed({ model: t.embed, input: 'one', truncate: true })).embeddings, [vectorOf('one')], 'vector of one text');
}, { targets: ['openai', 'ollama', 'custom'] });

// In place of embeddings, which Anthropic does not have.
add('generate: format and think', async (t) => {
  const answer = shaped(await t.client.generate({ model: t.model, prompt: 'case:json How is it?', format: REPORT, think: true }), GENERATED, 'answer');
  equal(parse(answer.response, 'response'), { city: 'Paris', celsius: 21 }, 'object');
  thought(answer.thinking);
}, { targets: ['anthropic'] });

add('a stream that is left midway', async (t) => {
  const parts = await t.client.chat({ model: t.model, messages: [user('case:slow Talk.')], stream: true });
  let text = '';
  const error = await failing(async () => {
    for await (const part of parts) {
      text += part.message.content;
      if (text.length > 60) parts.abort();
    }
  }, 'a stream that is left');
  equal(error.name, 'AbortError', 'name of the error');
  holds(text.length > 60 && text.length < LONG.length && LONG.startsWith(text), 'text until the end', 'a beginning of the text', text);
  // The next question on the same connections is answered as ever.
  equal((await chat(t, { messages: [user('case:text Say hello.')] })).message.content, HELLO, 'content of the next answer');
});

const statusOf = (error) => error.status_code;
const isError = (error, status, words) => {
  equal(error.name, 'ResponseError', 'name of the error');
  refused(error, Error, status, words, statusOf);
  equal(error.error, error.message, 'error');
};

add('errors: an unknown model, a refused prompt, a wrong token', async (t) => {
  const body = { model: t.model, messages: [user('case:text Say hello.')] };
  isError(await failing(() => t.client.chat({ ...body, model: 'no-such-model' }), 'an unknown model'), 404, /no-such-model/);
  isError(await failing(() => t.client.chat({ ...body, messages: [user('case:refuse Go.')] }), 'a refused prompt'), 400, /does not take this prompt/);
  if (t.keyed) isError(await failing(() => t.other().chat(body), 'a wrong token'), 401, /\w/);
});

add('pull, create, copy and delete are refused', async (t) => {
  const model = t.model;
  for (const [name, run] of Object.entries({ pull: () => t.client.pull({ model }), create: () => t.client.create({ model: 'mine', from: model }),
    copy: () => t.client.copy({ source: model, destination: 'mine' }), delete: () => t.client.delete({ model }) })) {
    isError(await failing(run, name), 403, /models/);
  }
}, { speaks: 'mimir' });
