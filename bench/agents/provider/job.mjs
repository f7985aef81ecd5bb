// The job: 30 turns of tool calls, independent of protocol and agent. A step says what is to be done; tools.mjs says with which tool.
// Steps that carry "with" belong to the turn of the step before, where the agent may call two tools at once.

const append = (n) => ({ op: 'run', command: `printf '%s\\n' 'step ${n}' >> log.txt`, appends: ['log.txt', `step ${n}\n`] });

// Eight red dots, as a picture that a command makes: agents send what they have looked at to the model.
const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR4nGM4ISeHFTEMLQkAkL9BAbKfPiIAAAAASUVORK5CYII=';
const tricky = 'He said: "it\'s 100 %"\n\tC:\\temp\\new $HOME `date` <b>&amp;</b>\nGr\u00fc\u00dfe, \u65e5\u672c\u8a9e, \ud83d\ude80\n';

export const STEPS = [
  { op: 'write', path: 'a.txt', text: 'alpha\nbeta\ngamma\n' },
  { op: 'read', path: 'a.txt' },
  { op: 'edit', path: 'a.txt', old: 'beta', new: 'BETA' },
  append(4),
  { op: 'write', path: 'b.json', text: '{\n  "version": 1,\n  "names": []\n}\n' },
  { op: 'read', path: 'b.json' },
  { op: 'edit', path: 'b.json', old: '"version": 1', new: '"version": 2' },
  append(8),
  { op: 'write', path: 'tricky.txt', text: tricky },
  { op: 'read', path: 'tricky.txt' },
  { op: 'edit', path: 'tricky.txt', old: '100 %', new: '99 %' },
  append(12),
  { op: 'read', path: 'a.txt' },
  { op: 'read', path: 'b.json', with: true },
  append(14),
  { op: 'run', command: 'no-such-command-of-the-bench', fails: true },
  { op: 'run', command: `printf '%s' '${dot}' | base64 -d > dot.png`, writes: ['dot.png', Buffer.from(dot, 'base64')] },
  { op: 'look', path: 'dot.png' },
  { op: 'write', path: 'src/main.py', text: 'def add(a, b):\n    return a - b\n\n\nprint(add(2, 3))\n' },
  { op: 'read', path: 'src/main.py' },
  { op: 'edit', path: 'src/main.py', old: 'return a - b', new: 'return a + b' },
  append(20),
  { op: 'read', path: 'src/main.py' },
  { op: 'read', path: 'tricky.txt', with: true },
  append(22),
  { op: 'write', path: 'c.txt', text: 'one\n' },
  append(24),
  { op: 'read', path: 'c.txt' },
  { op: 'edit', path: 'c.txt', old: 'one', new: 'one and two' },
  append(27),
  { op: 'run', command: 'wc -l < log.txt | tr -d \' \' > count.txt', counts: ['log.txt', 'count.txt'] },
  { op: 'read', path: 'log.txt' },
];

/** What the answer of a read or a run must have in it, when all went as it should; undefined when nothing can be said. */
export function expected(step, files) {
  if (step.op !== 'read') return undefined;
  return files.get(step.path)?.toString().split('\n').filter((line) => line.trim())[0];
}

/** The files after the first "count" steps. */
export function filesAfter(count = STEPS.length) {
  const files = new Map();
  for (const step of STEPS.slice(0, count)) {
    if (step.op === 'write') files.set(step.path, Buffer.from(step.text));
    if (step.op === 'edit') files.set(step.path, Buffer.from(files.get(step.path).toString().replace(step.old, () => step.new)));
    if (step.appends) files.set(step.appends[0], Buffer.concat([files.get(step.appends[0]) ?? Buffer.alloc(0), Buffer.from(step.appends[1])]));
    if (step.writes) files.set(...step.writes);
    if (step.counts) files.set(step.counts[1], Buffer.from(`${files.get(step.counts[0]).toString().split('\n').length - 1}\n`));
  }
  return files;
}

/** The steps of the next turn, when "done" of them have an answer: one, or two where the agent takes two at once; none at the end. */
export function nextSteps(done, parallel) {
  const turn = STEPS.slice(done, done + 1);
  if (parallel && STEPS[done + 1]?.with) turn.push(STEPS[done + 1]);
  return turn;
}

export const TURNS = STEPS.filter((step) => !step.with).length;
export const GOODBYE = 'The job is done: all files are written.';
export const PROMPT = 'Do the job that the provider of the bench tells you, step by step, with your tools. Say when it is done.';
