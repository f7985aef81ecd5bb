// What a target's model does not take though its protocol has the word for it, as the providers' own documentation of the models says. A gateway that
// translates has to know it.
import { TARGETS } from '../../agents/provider/server.mjs';

/** Further models of each target: one that takes the settings that models which reason do not, and one that embeds. */
export const MORE = {
  openai: ['gpt-4.1', 'text-embedding-3-small', 'gpt-3.5-turbo-instruct'],
  anthropic: [],
  ollama: ['nomic-embed-text'],
  custom: ['house-embed'],
};

/** The models that the cases ask, by what they are for. */
export const MODELS = {
  openai: { main: TARGETS.openai.models[0], plain: 'gpt-4.1', embed: 'text-embedding-3-small', complete: 'gpt-3.5-turbo-instruct' },
  anthropic: { main: TARGETS.anthropic.models[0], plain: TARGETS.anthropic.models[1] },
  ollama: { main: TARGETS.ollama.models[0], plain: TARGETS.ollama.models[1], embed: 'nomic-embed-text', complete: TARGETS.ollama.models[0] },
  custom: { main: TARGETS.custom.models[0], plain: TARGETS.custom.models[1], embed: 'house-embed', complete: TARGETS.custom.models[0] },
};

const set = (value, usual) => value !== undefined && value !== null && value !== usual;

function openai(path, body) {
  const problems = [];
  const no = (name) => problems.push(`${name}: not supported with this model`);
  if (/^(gpt-5|o\d)/.test(body.model)) {
    if (set(body.temperature, 1)) no('temperature');
    if (set(body.top_p, 1)) no('top_p');
    if (path === '/v1/chat/completions') {
      for (const name of ['frequency_penalty', 'presence_penalty']) if (set(body[name], 0)) no(name);
      for (const name of ['max_tokens', 'stop', 'logit_bias', 'logprobs', 'prediction']) if (set(body[name], false)) no(name);
    }
  } else {
    if (set(body.reasoning_effort, 'none')) no('reasoning_effort');
    if (set(body.reasoning?.effort, 'none')) no('reasoning.effort');
    if (set(body.verbosity, 'medium')) no('verbosity');
    if (set(body.text?.verbosity, 'medium')) no('text.verbosity');
  }
  return problems;
}

function anthropic(path, body) {
  const problems = [];
  if (/haiku-4-5/.test(body.model)) {
    if (body.thinking?.type === 'adaptive') problems.push('thinking: adaptive thinking is not supported on this model');
    if (body.output_config?.effort) problems.push('output_config.effort: not supported on this model');
    if (body.temperature !== undefined && body.top_p !== undefined) problems.push('temperature and top_p: only one of them with this model');
  } else {
    if (body.thinking?.type === 'enabled') problems.push('thinking.type: enabled is not supported on this model, use adaptive');
    if (set(body.temperature, 1)) problems.push('temperature: 1 expected with this model');
    if (set(body.top_p, 1)) problems.push('top_p: not supported with this model');
    if (body.top_k !== undefined) problems.push('top_k: not supported with this model');
    if (body.messages?.at?.(-1)?.role === 'assistant') problems.push('messages: this model takes no prefill');
  }
  return problems;
}

/** What is wrong with asking this model so. */
export function limits(target, path, body) {
  if (target === 'openai') return openai(path, body);
  return target === 'anthropic' ? anthropic(path, body) : [];
}
