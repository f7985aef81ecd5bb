// openai-node: chat completions with tools, and answers that follow a schema.
import { KNOWN, PATCH } from '../provider/answers.mjs';
import { complete, ordered, tell, user } from './openai-chat.mjs';
import { by, CLOSED, equal, holds, list, parse, REPORT, RESULT, shaped, told, WEATHER } from './kit.mjs';
import { COMPLETION } from './shapes.mjs';

const { cases, add } = list('chat');
export default cases;

const tool = (name, parameters = WEATHER, more = {}) => ({ type: 'function', function: { name, description: `What ${name} is for`, parameters, ...more } });
const weather = tool('get_weather');
const time = tool('get_time');
const PARIS = { city: 'Paris' };

/** The calls of an answer: [name, arguments], with ids that differ. */
function callsOf(choice) {
  equal(choice.finish_reason, 'tool_calls', 'finish_reason');
  const made = choice.message.tool_calls ?? [];
  equal(new Set(made.map((call) => call.id)).size, made.length, 'number of ids');
  return made.map((call) => (call.type === 'custom' ? [call.custom.name, call.custom.input] : [call.function.name, parse(call.function.arguments, 'arguments')]));
}

/** Asks with the tools, gives the results back, and checks that the model has got each of them. */
async function roundTrip(t, body, results, told_ = results.map((text) => ({ text }))) {
  const first = await complete(t, body);
  callsOf(first);
  const calls = first.message.tool_calls;
  const answers = calls.map((call, i) => ({ role: 'tool', tool_call_id: call.id, content: results[i] }));
  const last = await complete(t, { ...body, messages: [...body.messages, first.message, ...answers] });
  equal(last.finish_reason, 'stop', 'finish_reason of the last answer');
  equal(parse(last.message.content, 'content'), told_, 'results that arrived');
  return first;
}

add('chat: tools, auto, and a result as text', async (t) => {
  for (const more of [{}, { tool_choice: 'auto' }]) {
    const first = await roundTrip(t, { messages: [user('case:tool:get_weather How is the weather?')], tools: [weather, time], ...more }, [RESULT]);
    equal(callsOf(first), [['get_weather', PARIS]], 'calls');
  }
});

const must = (tool_choice) => async (t) => {
  const body = { messages: [user('case:must How is the weather?')], tools: [weather, time] };
  equal((await complete(t, body)).message.content, 'No tool.', 'content without tool_choice');
  equal(callsOf(await complete(t, { ...body, tool_choice })).map(([name]) => name), [typeof tool_choice === 'string' ? 'get_weather' : 'get_time'], 'calls');
};
add('chat: tool_choice required', must('required'));
add('chat: tool_choice of a function', must({ type: 'function', function: { name: 'get_time' } }));

add('chat: tool_choice none', async (t) => {
  const choice = await complete(t, { messages: [user('case:tool:get_weather How is the weather?')], tools: [weather], tool_choice: 'none' });
  equal([choice.finish_reason, choice.message.content, choice.message.tool_calls ?? []], ['stop', 'No tool.', []], 'answer');
});

add('chat: parallel calls and their results', async (t) => {
  const body = { messages: [user('case:tool:get_weather,get_time How is it there?')], tools: [weather, time], parallel_tool_calls: true };
  equal(callsOf(await roundTrip(t, body, [RESULT, 'noon'])), [['get_weather', PARIS], ['get_time', PARIS]], 'calls');
});

add('chat: parallel_tool_calls false', async (t) => {
  const body = { messages: [user('case:tool:get_weather,get_time How is it there?')], tools: [weather, time] };
  equal(callsOf(await complete(t, body)).length, 2, 'number of calls without it');
  // Ollama's own protocol has no word for it, which is of no matter here: its door for OpenAI's clients is asked.
  equal(callsOf(await complete(t, { ...body, parallel_tool_calls: false })), [['get_weather', PARIS]], 'calls');
});

add('chat: a result as a list of parts', async (t) => {
  const parts = [{ type: 'text', text: '21 degrees, ' }, { type: 'text', text: 'sunny' }];
  await roundTrip(t, { messages: [user('case:tool:get_weather How is the weather?')], tools: [weather] }, [parts], [{ text: '21 degrees, sunny' }]);
});

add('chat: arguments of tools, streamed', async (t) => {
  const chunks = [];
  const body = { model: t.model, messages: [user('case:tool:get_weather,get_time How is it there?')], tools: [weather, tool('get_time', CLOSED)], stream: true };
  for await (const chunk of await t.client.chat.completions.create(body)) chunks.push(chunk);
  ordered(chunks, 'tool_calls');
  const calls = [];
  for (const part of chunks.flatMap((chunk) => chunk.choices[0].delta.tool_calls ?? [])) {
    calls[part.index] ??= { ids: [], names: [], pieces: [] };
    if (part.id) calls[part.index].ids.push(part.id);
    if (part.function?.name) calls[part.index].names.push(part.function.name);
    calls[part.index].pieces.push(part.function?.arguments ?? '');
  }
  equal(calls.map((call) => [call.ids.length, call.names, parse(call.pieces.join(''), 'arguments')]),
    [[1, ['get_weather'], PARIS], [1, ['get_time'], { city: KNOWN.city, unit: KNOWN.unit }]], 'calls');
  holds(calls[1].pieces.filter(Boolean).length > 1, 'pieces of the arguments', 'more than one', calls[1].pieces);
});

add('chat: a strict tool', async (t) => {
  const strict = tool('get_weather', CLOSED, { strict: true });
  const body = { messages: [user('case:tool:get_weather How is the weather?')], tools: [strict] };
  equal(callsOf(await roundTrip(t, body, [RESULT])), [['get_weather', { city: 'Paris', unit: 'c' }]], 'calls');
  told(await tell(t, { tools: [strict] }), { tools: ['get_weather strict: What get_weather is for'] });
});

add('chat: a custom tool', async (t) => {
  const custom = { type: 'custom', custom: { name: 'apply_patch', description: 'Changes files', format: { type: 'text' } } };
  const body = { messages: [user('case:tool:apply_patch Change it.')], tools: [custom] };
  const first = await complete(t, body);
  const [call] = first.message.tool_calls;
  equal(call.type, 'custom', 'type of the call');
  equal(callsOf(first), [['apply_patch', PATCH]], 'calls');
  const last = await complete(t, { ...body, messages: [...body.messages, first.message, { role: 'tool', tool_call_id: call.id, content: 'Done.' }] });
  equal(parse(last.message.content, 'content'), [{ text: 'Done.' }], 'results that arrived');
}, { targets: ['openai', 'anthropic'] });

// In place of custom tools, which are OpenAI's.
add('chat: a tool without parameters', async (t) => {
  const body = { messages: [user('case:tool:now What time is it?')], tools: [{ type: 'function', function: { name: 'now' } }] };
  equal(callsOf(await roundTrip(t, body, ['noon'])), [['now', {}]], 'calls');
}, { targets: ['ollama', 'custom'] });

add('chat: response_format json_object', async (t) => {
  const choice = await complete(t, { messages: [user('case:json In JSON, please.')], response_format: { type: 'json_object' } });
  // Anthropic has no such word: the model is told, and what it says has no fence around it.
  equal(parse(choice.message.content, 'content'), { city: 'Paris', format: by(t, { anthropic: 'none', otherwise: 'object' }) }, 'object');
});

add('chat: response_format json_schema', async (t) => {
  const response_format = { type: 'json_schema', json_schema: { name: 'report', strict: true, schema: REPORT } };
  const choice = await complete(t, { messages: [user('case:json How is the weather?')], response_format });
  equal(parse(choice.message.content, 'content'), { city: 'Paris', celsius: 21 }, 'object');
});

add('chat: parse with zod', async (t) => {
  const { z, zodResponseFormat } = t.lib;
  const report = z.object({ city: z.string(), celsius: z.number(), note: z.string().nullable(), days: z.array(z.object({ unit: z.enum(['c', 'f']) })) });
  const body = { model: t.model, messages: [user('case:json How is the weather?')], response_format: zodResponseFormat(report, 'report') };
  const answer = await t.client.chat.completions.parse(body);
  shaped(answer, COMPLETION, 'completion');
  const { parsed } = answer.choices[0].message;
  equal([parsed?.city, parsed?.celsius], ['Paris', 21], 'what is parsed');
});

add('chat: runTools', async (t) => {
  const asked = [];
  const { z, zodFunction } = t.lib;
  const runner = t.client.chat.completions.runTools({ model: t.model, messages: [user('case:tool:get_weather,add How is it?')], tools: [
    { type: 'function', function: { name: 'get_weather', description: 'The weather', parameters: WEATHER, parse: JSON.parse, function: (args) => {
      asked.push(args);
      return RESULT;
    } } },
    zodFunction({ name: 'add', description: 'Adds', parameters: z.object({ a: z.number(), b: z.number() }), function: ({ a, b }) => {
      asked.push([a, b]);
      return { sum: a + b };
    } }),
  ] });
  const content = await runner.finalContent();
  equal(asked, [PARIS, [2, 3]], 'calls that were run');
  equal(parse(content, 'content'), [{ text: RESULT }, { text: '{"sum":5}' }], 'results that arrived');
  equal((await runner.allChatCompletions()).length, 2, 'number of answers');
});
