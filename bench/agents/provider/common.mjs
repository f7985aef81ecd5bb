// What the four protocols share: ids, signatures, and the answer as it is before a protocol puts it into words.
import { createHash, createHmac } from 'node:crypto';

const secret = 'bench';

export const sign = (text) => createHmac('sha256', secret).update(text).digest('base64');
export const id = (prefix, ...parts) => `${prefix}${createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 24)}`;

/** What the model "thinks" before a turn; its signature is checked when it comes back. */
export const thought = (done) => `Step ${done + 1} of the job comes next.`;
export const encrypted = (text) => Buffer.from(JSON.stringify({ text, sign: sign(text) })).toString('base64');

export function isOurs(blob) {
  try {
    const { text, sign: signature } = JSON.parse(Buffer.from(blob, 'base64').toString());
    return signature === sign(text);
  } catch {
    return false;
  }
}

/** Pieces of a text, so that a stream has something to put together again. */
export function pieces(text, size = 24) {
  const made = [];
  const characters = [...text];
  for (let i = 0; i < characters.length; i += size) made.push(characters.slice(i, i + size).join(''));
  return made.length ? made : [''];
}

export const event = (name, data) => `${name ? `event: ${name}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

export const WORDS = 'I go on with the next step.';
export const USAGE = { input: 1200, output: 80, cached: 1000 };
export const now = () => Math.floor(Date.now() / 1000);

/** Text of a content that is a string or a list of parts. */
export function textOf(content) {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => part?.text ?? (Array.isArray(part?.content) ? textOf(part.content) : '')).join('');
}
