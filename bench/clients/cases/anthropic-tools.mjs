// @anthropic-ai/sdk: tools, thoughts, and what is in beta.
import { HELLO } from '../provider/answers.mjs';
import { ask, deltas, ordered, streamed, tell, textOf, user } from './anthropic-messages.mjs';
import { by, CLOSED, equal, holds, list, parse, PNG, PNG_TOLD, RESULT, shaped, told, WEATHER } from './kit.mjs';
import { MESSAGE } from './shapes.mjs';

const { cases, add } = list('messages');
export default cases;

const tool = (name, input_schema = WEATHER, more = {}) => ({ name, description: `What ${name} is for`, input_schema, ...more });
const weather = tool('get_weather');
const time = tool('get_time');
const PARIS = { city: 'Paris' };

function usesOf(answer) {
  equal(answer.stop_reason, 'tool_use', 'stop_reason');
  const uses = answer.content.filter((block) => block.type === 'tool_use');
  equal(new Set(uses.map((block) => block.id)).size, uses.length, 'number of ids');
  return uses;
}
const callsOf = (answer) => usesOf(answer).map((block) => [block.name, block.input]);

/** Asks with the tools, gives the results back, and the model tells what it has got of them. */
async function roundTrip(t, body, results) {
  const first = await ask(t, body);
  const answers = usesOf(first).map((block, i) => ({ type: 'tool_result', tool_use_id: block.id, ...results[i] }));
  const last = await ask(t, { ...body, messages: [...body.messages, { role: 'assistant', content: first.content }, user(answers)] });
  equal(last.stop_reason, 'end_turn', 'stop_reason of the last answer');
  // The same conversation, in which the model tells what it sees of it.
  const seen = [...body.messages, { role: 'assistant', content: first.content }, user([...answers, { type: 'text', text: 'case:tell Go.' }])];
  return { first, arrived: parse(textOf(last), 'text'), view: () => tell(t, { ...body, messages: seen }) };
}

add('tools, auto, and a result as text', async (t) => {
  for (const more of [{}, { tool_choice: { type: 'auto' } }]) {
    const body = { messages: [user('case:tool:get_weather How is the weather?')], tools: [weather, time], ...more };
    const { first, arrived } = await roundTrip(t, body, [{ content: RESULT }]);
    equal(callsOf(first), [['get_weather', PARIS]], 'calls');
    equal(arrived, [{ text: RESULT }], 'results that arrived');
  }
});

const must = (tool_choice, name) => async (t) => {
  const body = { messages: [user('case:must How is the weather?')], tools: [weather, time] };
  equal(textOf(await ask(t, body)), 'No tool.', 'text without tool_choice');
  equal(callsOf(await ask(t, { ...body, tool_choice })).map(([called]) => called), [name], 'calls');
};
add('tool_choice any', must({ type: 'any' }, 'get_weather'));
add('tool_choice of a tool', must({ type: 'tool', name: 'get_time' }, 'get_time'));

add('tool_choice none', async (t) => {
  const answer = await ask(t, { messages: [user('case:tool:get_weather How is the weather?')], tools: [weather], tool_choice: { type: 'none' } });
  equal([answer.stop_reason, textOf(answer)], ['end_turn', 'No tool.'], 'answer');
});

add('disable_parallel_tool_use', async (t) => {
  const body = { messages: [user('case:tool:get_weather,get_time How is it there?')], tools: [weather, time] };
  equal(callsOf(await ask(t, body)).length, 2, 'number of calls without it');
  equal(callsOf(await ask(t, { ...body, tool_choice: { type: 'auto', disable_parallel_tool_use: true } })), [['get_weather', PARIS]], 'calls');
});

add('parallel calls and their results', async (t) => {
  const body = { messages: [user('case:tool:get_weather,get_time How is it there?')], tools: [weather, time] };
  const { first, arrived } = await roundTrip(t, body, [{ content: RESULT }, { content: 'noon' }]);
  equal(callsOf(first), [['get_weather', PARIS], ['get_time', PARIS]], 'calls');
  equal(arrived, [{ text: RESULT }, { text: 'noon' }], 'results that arrived');
});

add('a result as a list of text and image', async (t) => {
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } };
  const body = { messages: [user('case:tool:get_weather How is the weather?')], tools: [weather] };
  const { arrived, view } = await roundTrip(t, body, [{ content: [{ type: 'text', text: RESULT }, image] }]);
  // Protocols without images in results have them right behind, and the result may say so.
  holds(arrived.length === 1 && arrived[0].text.startsWith(RESULT), 'text of the results that arrived', RESULT, arrived);
  const { turns } = await view();
  equal(turns.flatMap((turn) => [...turn.images, ...turn.results.flatMap((result) => result.images ?? [])]), [PNG_TOLD], 'images that arrived');
});

add('a result that is an error', async (t) => {
  const body = { messages: [user('case:tool:get_weather How is the weather?')], tools: [weather] };
  const { arrived } = await roundTrip(t, body, [{ content: 'no such city', is_error: true }]);
  equal(arrived, by(t, { anthropic: [{ text: 'no such city', failed: true }], otherwise: [{ text: 'Error: no such city' }] }), 'results that arrived');
});

add('arguments of tools, streamed', async (t) => {
  const messages = [user('case:tool:get_weather,get_time How is it there?')];
  const events = await streamed(t, { messages, tools: [weather, tool('get_time', CLOSED)] });
  ordered(events, 'tool_use');
  const starts = events.filter((event) => event.content_block?.type === 'tool_use');
  equal(starts.map((event) => [event.content_block.name, event.content_block.input]), [['get_weather', {}], ['get_time', {}]], 'beginnings of the calls');
  const inputs = starts.map(({ index }) => parse(deltas(events.filter((event) => event.index === index), 'input_json_delta', 'partial_json').join(''), 'input'));
  equal(inputs, [PARIS, { city: 'Paris', unit: 'c' }], 'inputs');
  // The client's own helper puts the same together.
  const stream = t.client.messages.stream({ model: t.model, max_tokens: 1000, messages, tools: [weather] });
  equal(callsOf(await stream.finalMessage()), [['get_weather', PARIS]], 'calls of the helper');
});

/** Budgets are for models before Claude 4.6: the plain one of Anthropic's. */
const budget = { max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 2000 } };
const THOUGHT = /^Step \d+ of the job comes next\.$/;
const thinker = (t) => (t.target === 'anthropic' ? t.plain : t.model);

add('thinking with a budget, given back with its signature', async (t) => {
  const body = { ...budget, model: thinker(t), messages: [user('case:tool:get_weather How is the weather?')], tools: [weather] };
  const { first, arrived, view } = await roundTrip(t, body, [{ content: RESULT }]);
  equal(arrived, [{ text: RESULT }], 'results that arrived');
  const [block] = first.content.filter((each) => each.type === 'thinking');
  holds(THOUGHT.test(block?.thinking) && block.signature, 'thinking block', 'the thoughts of the model, signed', block);
  equal(first.content[0].type, 'thinking', 'first block');
  const seen = await view();
  // A budget is an effort in OpenAI's protocol, the nearest one.
  if (t.target === 'anthropic') told(seen, { thinks: 'enabled', budget: 2000 });
  else holds(['minimal', 'low', 'medium'].includes(seen.effort), 'what arrived as effort', 'one for a small budget', seen.effort);
  equal(seen.turns.reduce((sum, turn) => sum + turn.thoughts, 0), 1, 'thoughts that came back');
});

add('thinking, streamed', async (t) => {
  const events = await streamed(t, { ...budget, model: thinker(t), messages: [user('case:text Say hello.')] });
  ordered(events, 'end_turn');
  equal(deltas(events, 'text_delta', 'text').join(''), HELLO, 'text');
  const thoughts = deltas(events, 'thinking_delta', 'thinking').join('');
  holds(THOUGHT.test(thoughts), 'thoughts', 'those of the model', thoughts);
  equal(deltas(events, 'signature_delta', 'signature').length, 1, 'number of signatures');
});

add('adaptive thinking and output_config.effort', async (t) => {
  for (const effort of ['low', 'high']) {
    const view = await tell(t, { thinking: { type: 'adaptive' }, output_config: { effort } });
    equal(view.effort, effort, 'what arrived as effort');
  }
  const answer = await ask(t, { thinking: { type: 'adaptive' }, output_config: { effort: 'low' }, messages: [user('case:text Say hello.')] });
  equal([textOf(answer), answer.content.some((block) => block.type === 'thinking')], [HELLO, true], 'text and thoughts');
});

add('fields of a beta with its header', async (t) => {
  const context_management = { edits: [{ type: 'clear_tool_uses_20250919', keep: { type: 'tool_uses', value: 3 } }] };
  const asked = { model: t.model, max_tokens: 1000, messages: [user('case:tell Go.')], betas: ['context-management-2025-06-27'], context_management };
  const answer = shaped(await t.client.beta.messages.create(asked), MESSAGE, 'message');
  equal(answer.stop_reason, 'end_turn', 'stop_reason');
  told(parse(textOf(answer), 'text'), { context_management: by(t, { anthropic: context_management, otherwise: null }) });
});

add('toolRunner', async (t) => {
  const asked = [];
  const { betaTool, betaZodTool, z } = t.lib;
  const tools = [
    betaTool({ name: 'get_weather', description: 'The weather', inputSchema: WEATHER, run: (input) => {
      asked.push(input);
      return RESULT;
    } }),
    betaZodTool({ name: 'add', description: 'Adds', inputSchema: z.object({ a: z.number(), b: z.number() }), run: ({ a, b }) => {
      asked.push([a, b]);
      return String(a + b);
    } }),
  ];
  const answer = await t.client.beta.messages.toolRunner({ model: t.model, max_tokens: 1000, messages: [user('case:tool:get_weather,add How is it?')], tools });
  equal(asked, [PARIS, [2, 3]], 'calls that were run');
  equal(parse(textOf(answer), 'text'), [{ text: RESULT }, { text: '5' }], 'results that arrived');
});
