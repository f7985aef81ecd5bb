// Chooses among the tools that a request offers the one that does a step, and makes arguments for it. Agents name their tools and
// the members of their arguments differently: what they have in common is written down here, and nothing about any one agent.
import { conforms, sample } from './shape.mjs';
import { filesAfter, STEPS } from './job.mjs';

const NAMES = {
  write: /^(write|write_?file|create_?file|create_new_file)$/i,
  edit: /^(edit|edit_?file|replace|str_replace|search_replace|multi_?edit)$/i,
  run: /^(bash|shell|exec_command|shell_command|run_shell_command|run_terminal_command|run_command)$/i,
  read: /^(read|read_?file|view)$/i,
  look: /^view_image$/i,
  patch: /^apply_patch$/i,
};

const MEMBERS = {
  path: ['file_path', 'filePath', 'filepath', 'absolute_path', 'path', 'file', 'target_file'],
  content: ['content', 'contents', 'text', 'file_text'],
  old: ['old_string', 'oldString', 'oldText', 'old_text', 'old_str', 'search'],
  new: ['new_string', 'newString', 'newText', 'new_text', 'new_str', 'replace'],
  command: ['command', 'cmd'],
  folder: ['workdir', 'cwd', 'directory'],
  patch: ['input', 'patch', 'patchText'],
};

const find = (tools, name) => tools.find((tool) => NAMES[name].test(tool.name) && tool.kind !== 'hosted');

/** The member of the schema that means this; undefined when it has none. */
const member = (schema, meaning) => MEMBERS[meaning].find((name) => schema?.properties?.[name]);

function fill(tool, values) {
  const schema = tool.schema ?? {};
  const args = {};
  const put = (meaning, value) => {
    const name = member(schema, meaning);
    if (!name) return false;
    args[name] = schema.properties[name].type === 'array' ? ['bash', '-lc', value] : value;
    return true;
  };
  const edits = schema.properties?.edits;
  for (const [meaning, value] of Object.entries(values)) {
    if ((meaning === 'old' || meaning === 'new') && edits && !member(schema, 'old')) continue;
    put(meaning, value);
  }
  if (edits && values.old !== undefined && !member(schema, 'old')) {
    const item = edits.items ?? {};
    args.edits = [{ [member(item, 'old')]: values.old, [member(item, 'new')]: values.new }];
    for (const name of item.required ?? []) args.edits[0][name] ??= sample(item.properties?.[name]);
  }
  for (const name of schema.required ?? []) args[name] ??= name === 'description' ? 'A step of the job' : sample(schema.properties?.[name]);
  return { tool, args, problems: conforms(schema, args) };
}

function patch(step, folder) {
  const lines = ['*** Begin Patch'];
  if (step.op === 'write') {
    lines.push(`*** Add File: ${step.path}`, ...step.text.replace(/\n$/, '').split('\n').map((line) => `+${line}`));
  } else {
    const before = filesAfter(STEPS.indexOf(step)).get(step.path).toString().split('\n').find((line) => line.includes(step.old));
    lines.push(`*** Update File: ${step.path}`, '@@', `-${before}`, `+${before.replace(step.old, () => step.new)}`);
  }
  return [...lines, '*** End Patch', ''].join('\n');
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The step as a command, for agents that have nothing else. */
function command(step) {
  switch (step.op) {
    case 'write': return `mkdir -p "$(dirname ${step.path})" && printf '%s' ${quoted(step.text)} > ${step.path}`;
    case 'edit': return `printf '%s' ${quoted(filesAfter(STEPS.indexOf(step) + 1).get(step.path).toString())} > ${step.path}`;
    case 'read': return `cat ${step.path}`;
    case 'look': return `wc -c ${step.path}`;
    default: return step.command;
  }
}

/** The call of a tool that does the step: {tool, args} or {tool, input}, with what is wrong with it; undefined when no tool can. */
export function callFor(step, tools, folder) {
  const path = `${folder}/${step.path}`;
  const patcher = find(tools, 'patch');
  const direct = find(tools, step.op) ?? (step.op === 'look' ? find(tools, 'read') : undefined);
  if (step.op === 'look' && find(tools, 'look')) return fill(find(tools, 'look'), { path });
  if (direct && step.op === 'write') return fill(direct, { path, content: step.text });
  if (direct && step.op === 'edit') return fill(direct, { path, old: step.old, new: step.new });
  if (direct && (step.op === 'read' || step.op === 'look')) return fill(direct, { path });
  if (patcher && (step.op === 'write' || step.op === 'edit')) {
    const text = patch(step, folder);
    return patcher.kind === 'custom' ? { tool: patcher, input: text, problems: [] } : fill(patcher, { patch: text });
  }
  const runner = find(tools, 'run');
  return runner && fill(runner, { command: command(step), folder });
}

/** Whether these are the tools of somebody who can do the job; other requests (titles, summaries) get a short text. */
export const canWork = (tools) => find(tools, 'run') !== undefined;
