// openai-node: models, embeddings, legacy completions, errors.
import { HELLO, LONG } from '../provider/answers.mjs';
import { vectorOf } from '../provider/doors.mjs';
import { USAGE } from '../../agents/provider/common.mjs';
import { equal, failing, holds, list, refused as told, shaped } from './kit.mjs';
import { EMBEDDINGS, LEGACY, OPENAI_ERROR, OPENAI_MODEL } from './shapes.mjs';

const { cases, add } = list('chat');
export default cases;

const hello = (t) => ({ model: t.model, messages: [{ role: 'user', content: 'case:text Say hello.' }] });

add('models: list and retrieve', async (t) => {
  const ids = [];
  for await (const model of t.client.models.list()) ids.push(shaped(model, OPENAI_MODEL, 'model').id);
  holds(ids.includes(t.model) && ids.includes(t.plain), 'ids', `${t.model} and ${t.plain} among them`, ids);
  equal(shaped(await t.client.models.retrieve(t.model), OPENAI_MODEL, 'model').id, t.model, 'id');
});

/** An error of OpenAI's form, as the client has it. */
function refused(error, Class, status, words) {
  told(error, Class, status, words);
  shaped(error.error, OPENAI_ERROR, 'error');
}

const with_ = { targets: ['openai', 'ollama', 'custom'] };

add('embeddings: floats and base64', async (t) => {
  const input = ['one', 'two'];
  // Without encoding_format the client asks for base64 and makes numbers of it.
  for (const encoding of [{ encoding_format: 'float' }, {}]) {
    const answer = await t.client.embeddings.create({ model: t.embed, input, ...encoding });
    shaped(answer, EMBEDDINGS, 'embeddings');
    equal(answer.data.map((each) => [each.index, Array.from(each.embedding)]), input.map((text, i) => [i, vectorOf(text)]), 'vectors');
    equal(answer.usage.prompt_tokens, 8, 'usage');
  }
  const raw = await t.client.embeddings.create({ model: t.embed, input: 'one', encoding_format: 'base64' });
  equal(raw.data[0].embedding, Buffer.from(new Float32Array(vectorOf('one')).buffer).toString('base64'), 'base64');
}, with_);

add('legacy completions: whole and streamed', async (t) => {
  const whole = shaped(await t.client.completions.create({ model: t.complete, prompt: 'case:text Say hello.' }), LEGACY, 'completion');
  equal([whole.choices[0].text, whole.choices[0].finish_reason], [HELLO, 'stop'], 'answer');
  equal(whole.usage?.total_tokens, USAGE.input + USAGE.output, 'usage');
  const cut = await t.client.completions.create({ model: t.complete, prompt: 'case:long Talk.', max_tokens: 20 });
  equal([cut.choices[0].text, cut.choices[0].finish_reason], [LONG.split(' ').slice(0, 20).join(' '), 'length'], 'answer with a limit');
  let text = '';
  let last;
  for await (const part of await t.client.completions.create({ model: t.complete, prompt: 'case:text Say hello.', stream: true })) {
    shaped(part, LEGACY, 'part');
    equal(part.choices.length, 1, 'number of choices');
    text += part.choices[0].text;
    last = part.choices[0].finish_reason;
  }
  equal([text, last], [HELLO, 'stop'], 'streamed answer');
}, with_);

add('error: a model that nobody has', async (t) => {
  const error = await failing(() => t.client.chat.completions.create({ ...hello(t), model: `${t.model}-no-such` }), 'an unknown model');
  refused(error, t.lib.OpenAI.NotFoundError, 404, /no-such/);
  equal(error.code, 'model_not_found', 'code of the error');
});

add('error: a prompt that the provider refuses', async (t) => {
  const body = { ...hello(t), messages: [{ role: 'user', content: 'case:refuse Go.' }] };
  refused(await failing(() => t.client.chat.completions.create(body), 'a refused prompt'), t.lib.OpenAI.BadRequestError, 400, /does not take this prompt/);
  const streaming = async () => {
    for await (const chunk of await t.client.chat.completions.create({ ...body, stream: true })) shaped(chunk, () => {}, 'chunk');
  };
  refused(await failing(streaming, 'a refused prompt, streamed'), t.lib.OpenAI.BadRequestError, 400, /does not take this prompt/);
});

add('error: a wrong token', async (t) => {
  const error = await failing(() => t.other().chat.completions.create(hello(t)), 'a wrong token');
  refused(error, t.lib.OpenAI.AuthenticationError, 401, /\w/);
}, { keyed: true });
