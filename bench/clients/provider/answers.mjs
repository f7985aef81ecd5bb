// The model of the cases. A word in the prompt says what it does: case:text answers with a text, case:tell tells what arrived, and so on. What a
// request asks for is obeyed as a model would obey it (a limit, a stop sequence, a choice of tools, a schema): a case sees by the answer whether
// it arrived, and needs no way to look into the provider.
import { sample } from '../../agents/provider/shape.mjs';
import { viewOf } from './view.mjs';

export const HELLO = 'Grüße — hello from the bench 🦉, a text that comes in more than one piece.';
export const GOES_ON = ' and so it goes on.';
export const REFUSAL = 'The bench does not take this prompt: say something else.';
export const LONG = Array.from({ length: 200 }, (_, i) => `word${i + 1}`).join(' ');
export const WITH_STOP = 'one two three END four five';
export const PATCH = '*** Begin Patch\n*** Add File: a.txt\n+alpha\n*** End Patch';
/** Values of members by name, in arguments of tools and in JSON; "input" is what a gateway has in place of a custom tool. */
export const KNOWN = { city: 'Paris', unit: 'c', celsius: 21, a: 2, b: 3, input: PATCH };

const MARK = /case:([a-z]+)(?::([\w,-]+))?/;

/** The calls that the model makes, of the tools that it is told to use, as far as the request lets it. */
function calls(names, { question, view, callId, done }) {
  if (view.choice === 'none') return [];
  const offered = names.map((name) => question.tools.find((tool) => tool.name === name)).filter(Boolean);
  const chosen = ['auto', 'required', null].includes(view.choice) ? offered : question.tools.filter((tool) => tool.name === view.choice);
  return chosen.slice(0, question.parallel ? undefined : 1).map((tool, i) => {
    const id = callId(done, i, question.thinks);
    return tool.kind === 'custom' ? { tool, input: PATCH, id } : { tool, args: sample(tool.schema ?? { type: 'object' }, KNOWN), id };
  });
}

const answered = (view) => {
  const last = view.turns.findLastIndex((turn) => turn.text.includes('case:'));
  return view.turns.slice(last).flatMap((turn) => turn.results);
};

const DOES = {
  text: () => ({ text: HELLO }),
  // An answer of Claude's, and of others, goes on where a last message of the assistant ends.
  prefill: ({ view }) => ({ text: view.turns.at(-1).role === 'assistant' || /go on|continue/i.test(view.system) ? GOES_ON : 'There was no beginning.' }),
  tell: ({ view }) => ({ text: JSON.stringify(view) }),
  long: ({ view }) => {
    const words = LONG.split(' ');
    return view.limit !== null && view.limit > 0 && view.limit < words.length ? { text: words.slice(0, view.limit).join(' '), cut: true } : { text: LONG };
  },
  slow: () => ({ text: LONG, pace: 20 }),
  stop: ({ view }) => {
    const stopped = [view.stop ?? []].flat().find((sequence) => WITH_STOP.includes(sequence));
    return stopped ? { text: WITH_STOP.slice(0, WITH_STOP.indexOf(stopped)), stopped } : { text: WITH_STOP };
  },
  // Calls the tools, and tells their results when they have come.
  tool: (place) => {
    const results = answered(place.view);
    if (results.length) return { text: JSON.stringify(results) };
    const made = calls(place.words, place);
    return made.length ? { calls: made } : { text: 'No tool.' };
  },
  // Calls a tool only where it must.
  must: (place) => {
    const results = answered(place.view);
    if (results.length) return { text: JSON.stringify(results) };
    const must = place.view.choice !== null && !['auto', 'none'].includes(place.view.choice);
    const made = must ? calls(place.question.tools.slice(0, 1).map((tool) => tool.name), place) : [];
    return made.length ? { calls: made } : { text: 'No tool.' };
  },
  json: ({ question, view }) => {
    if (question.json) return { text: JSON.stringify(sample(question.json, KNOWN)) };
    const text = JSON.stringify({ city: 'Paris', format: view.format ?? 'none' });
    // Models that are only told to write JSON like to fence it.
    return { text: view.format ? text : `\`\`\`json\n${text}\n\`\`\`` };
  },
};

/** The answerer for startProvider; "limits" says what the model that is asked does not take. */
export function answerer(limits) {
  let count = 0;
  return (question, { target, path, body, callId }) => {
    // A request that names what was kept is seen with it.
    const view = viewOf(path, question.whole ?? body);
    const asked = view.turns.findLast((turn) => turn.role === 'user' && MARK.test(turn.text));
    const [, name, words = ''] = MARK.exec(asked?.text ?? '') ?? [];
    const problems = limits(target, path, body);
    if (name === 'refuse') return { status: 400, problems: [...problems, REFUSAL] };
    if (!DOES[name]) return undefined;
    // A multiple of three: the provider's responses say a text before the calls then. Each answer has a number of its own, from which its ids are made.
    const done = 3 * ++count;
    const made = DOES[name]({ question, view, callId, done, words: words.split(',') });
    return { answer: { done, calls: [], thinks: question.thinks, ...made }, problems };
  };
}
