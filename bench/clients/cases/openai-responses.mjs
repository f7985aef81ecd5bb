// openai-node: responses.
import { HELLO, PATCH } from '../provider/answers.mjs';
import { USAGE } from '../../agents/provider/common.mjs';
import { by, CLOSED, equal, holds, lines, list, parse, pictures, PNG, PNG_TOLD, RESULT, shaped, told, WEATHER } from './kit.mjs';
import { RESPONSE, RESPONSE_EVENT, RESPONSE_USAGE } from './shapes.mjs';

const { cases, add } = list('responses');
export default cases;

const user = (content) => ({ role: 'user', content });
const weather = { type: 'function', name: 'get_weather', description: 'The weather', parameters: CLOSED, strict: true };
const loose = { type: 'function', name: 'get_weather', description: 'The weather', parameters: WEATHER, strict: false };

function checked(answer) {
  shaped(answer, RESPONSE, 'response');
  equal(answer.status, 'completed', 'status');
  shaped(answer.usage, RESPONSE_USAGE, 'usage');
  equal([answer.usage.input_tokens, answer.usage.input_tokens_details.cached_tokens, answer.usage.output_tokens, answer.usage.total_tokens],
    [USAGE.input, USAGE.cached, USAGE.output, USAGE.input + USAGE.output], 'usage');
  return answer;
}
const respond = async (t, body) => checked(await t.client.responses.create({ model: t.model, ...body }));
const tell = async (t, body) => parse((await respond(t, { input: 'case:tell Tell what you got.', ...body })).output_text, 'output_text');
const call = (answer, type = 'function_call') => {
  const made = answer.output.filter((item) => item.type === type);
  equal(made.length, 1, `number of ${type}`);
  return made[0];
};

/** Events in their order: numbered from 0, items one after the other, and the end at the end. */
function ordered(events) {
  events.forEach((event) => shaped(event, RESPONSE_EVENT, event.type ?? 'event'));
  equal(events.map((event) => event.sequence_number), events.map((_, i) => i), 'sequence numbers');
  equal([events[0].type, events.at(-1).type], ['response.created', 'response.completed'], 'first and last event');
  const ends = events.filter((event) => /^response\.output_item\.(added|done)$/.test(event.type)).map((event) => [event.type.slice(21), event.output_index]);
  equal(ends, ends.map((_, i) => [i % 2 ? 'done' : 'added', Math.floor(i / 2)]), 'beginnings and ends of the items');
  const last = events.at(-1).response;
  checked(last);
  const done = events.filter((event) => event.type === 'response.output_item.done');
  equal(done.map((event) => event.item.type), last.output.map((item) => item.type), 'items of the events');
  return last;
}

async function streamed(t, body) {
  const events = [];
  for await (const event of await t.client.responses.create({ model: t.model, ...body, stream: true })) events.push(event);
  return events;
}
const joined = (events, type) => events.filter((event) => event.type === type).map((event) => event.delta).join('');

add('responses: text and instructions', async (t) => {
  const answer = await respond(t, { input: 'case:text Say hello.' });
  equal(answer.output_text, HELLO, 'output_text');
  const input = [user('Hello'), { role: 'assistant', content: 'Yes?' }, user([{ type: 'input_text', text: 'case:tell Go.' }])];
  const view = await tell(t, { instructions: 'Be brief.', input });
  told(view, { system: 'Be brief.' });
  equal(lines(view), ['user: Hello', 'assistant: Yes?', 'user: case:tell Go.'], 'turns');
});

add('responses: text, streamed', async (t) => {
  const events = await streamed(t, { input: 'case:text Say hello.' });
  const last = ordered(events);
  equal(joined(events, 'response.output_text.delta'), HELLO, 'text of the pieces');
  equal(events.filter((event) => event.type === 'response.output_text.done').map((event) => event.text), [HELLO], 'text at the end');
  equal(last.output.find((item) => item.type === 'message').content[0].text, HELLO, 'text of the response');
  const names = events.map((event) => event.type).filter((type) => /added|done/.test(type));
  const order = ['output_item.added', 'content_part.added', 'output_text.done', 'content_part.done', 'output_item.done'];
  equal(names.map((name) => name.slice('response.'.length)), order, 'order of the events');
});

add('responses: a function, its call and its output', async (t) => {
  const input = [user('case:tool:get_weather How is the weather?')];
  const first = await respond(t, { input, tools: [weather] });
  const made = call(first);
  equal([made.name, parse(made.arguments, 'arguments'), made.status], ['get_weather', { city: 'Paris', unit: 'c' }, 'completed'], 'call');
  equal([first.tools.length, first.tools[0]?.name, first.tools[0]?.strict], [1, 'get_weather', true], 'tools of the response');
  const last = await respond(t, { input: [...input, ...first.output, { type: 'function_call_output', call_id: made.call_id, output: RESULT }], tools: [weather] });
  equal(parse(last.output_text, 'output_text'), [{ text: RESULT }], 'results that arrived');
});

add('responses: a custom tool', async (t) => {
  const custom = { type: 'custom', name: 'apply_patch', description: 'Changes files', format: { type: 'text' } };
  const input = [user('case:tool:apply_patch Change it.')];
  const first = await respond(t, { input, tools: [custom] });
  const made = call(first, 'custom_tool_call');
  equal([made.name, made.input], ['apply_patch', PATCH], 'call');
  const output = { type: 'custom_tool_call_output', call_id: made.call_id, output: 'Done.' };
  const last = await respond(t, { input: [...input, ...first.output, output], tools: [custom] });
  equal(parse(last.output_text, 'output_text'), [{ text: 'Done.' }], 'results that arrived');
});

add('responses: parse with zod', async (t) => {
  const { z, zodTextFormat } = t.lib;
  const format = zodTextFormat(z.object({ city: z.string(), celsius: z.number() }), 'report');
  const answer = await t.client.responses.parse({ model: t.model, input: 'case:json How is the weather?', text: { format } });
  checked(answer);
  equal(answer.output_parsed, { city: 'Paris', celsius: 21 }, 'output_parsed');
  equal(answer.text?.format?.name, 'report', 'name of the format in the response');
});

/** Every target tells its thoughts as a summary, OpenAI's own where it is asked for. */
const thoughts = (answer) => answer.output.filter((item) => item.type === 'reasoning').flatMap((item) => item.summary.map((part) => part.text)).join('');

add('responses: reasoning effort and summary, streamed', async (t) => {
  const asked = { reasoning: { effort: 'low', summary: 'auto' } };
  told(await tell(t, asked), { effort: 'low' });
  const events = await streamed(t, { input: 'case:text Say hello.', ...asked });
  const last = ordered(events);
  equal(last.output.map((item) => item.type), ['reasoning', 'message'], 'items');
  holds(/^Step \d+ of the job comes next\.$/.test(thoughts(last)), 'summary', 'the thoughts of the model', thoughts(last));
  equal(joined(events, 'response.reasoning_summary_text.delta'), thoughts(last), 'summary of the pieces');
  equal(last.reasoning?.effort, 'low', 'reasoning.effort of the response');
});

add('responses: encrypted reasoning, given back', async (t) => {
  const asked = { store: false, reasoning: { effort: 'low' }, include: ['reasoning.encrypted_content'], tools: [loose] };
  const input = [user('case:tool:get_weather How is the weather?')];
  const first = await respond(t, { input, ...asked });
  const [reasoning] = first.output.filter((item) => item.type === 'reasoning');
  holds(reasoning?.encrypted_content, 'encrypted_content', 'a text', reasoning);
  const given = [...input, ...first.output, { type: 'function_call_output', call_id: call(first).call_id, output: RESULT }];
  const last = await respond(t, { input: given, ...asked });
  equal(parse(last.output_text, 'output_text'), [{ text: RESULT }], 'results that arrived');
  // That the thoughts came back to the model where its provider takes them; OpenAI's own refuses a call without them.
  const view = parse((await respond(t, { input: [...given, ...last.output, user('case:tell Go.')], ...asked })).output_text, 'output_text');
  const back = view.turns.reduce((sum, turn) => sum + turn.thoughts, 0);
  holds(by(t, { openai: back === 2, anthropic: back >= 1, otherwise: true }), 'thoughts that came back', by(t, { openai: '2', otherwise: 'at least 1' }), back);
});

add('responses: earlier items by reference', async (t) => {
  const input = [user('case:tool:get_weather How is the weather?')];
  const first = await respond(t, { input, tools: [loose] });
  const refer = first.output.map((item) => ({ type: 'item_reference', id: item.id }));
  const output = { type: 'function_call_output', call_id: call(first).call_id, output: RESULT };
  const last = await respond(t, { input: [...input, ...refer, output], tools: [loose] });
  equal(parse(last.output_text, 'output_text'), [{ text: RESULT }], 'results that arrived');
  if (t.target !== 'openai') return;
  // A response that can be named is OpenAI's own.
  const next = await respond(t, { previous_response_id: first.id, input: [output], tools: [loose] });
  equal(parse(next.output_text, 'output_text'), [{ text: RESULT }], 'results that arrived with previous_response_id');
  equal(next.previous_response_id, first.id, 'previous_response_id of the response');
  equal((await t.client.responses.retrieve(first.id)).id, first.id, 'id of the response that is fetched');
  await t.client.responses.delete(first.id);
});

add('responses: image', async (t) => {
  const image = { type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${PNG}` };
  equal(pictures(await tell(t, { input: [user([{ type: 'input_text', text: 'case:tell What colour?' }, image])] })), [PNG_TOLD], 'images');
});

add('responses: text.verbosity, truncation auto and metadata', async (t) => {
  const asked = { truncation: 'auto', metadata: { job: 'nightly' }, text: { verbosity: 'low' } };
  const answer = await respond(t, { input: 'case:tell Go.', ...asked });
  const view = parse(answer.output_text, 'output_text');
  told(view, by(t, { openai: { truncation: 'auto', metadata: asked.metadata, verbosity: 'low' }, anthropic: { truncation: null, verbosity: null, metadata: null },
    otherwise: { truncation: null, verbosity: 'low', metadata: null } }));
  // A response says what was done: a target without truncation has none.
  equal([answer.truncation, answer.metadata], [by(t, { openai: 'auto', otherwise: 'disabled' }), asked.metadata], 'truncation and metadata of the response');
});

// In place of what a target does not have.
add('responses: a function call, streamed', async (t) => {
  const events = await streamed(t, { input: 'case:tool:get_weather How is the weather?', tools: [weather] });
  const last = ordered(events);
  const text = joined(events, 'response.function_call_arguments.delta');
  equal([call(last).arguments, parse(text, 'arguments')], [text, { city: 'Paris', unit: 'c' }], 'arguments');
  equal(events.filter((event) => event.type === 'response.function_call_arguments.done').map((event) => event.arguments), [text], 'arguments at the end');
}, { targets: ['anthropic', 'ollama'] });
