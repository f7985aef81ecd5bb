// Starts aimock as the provider of the official clients' tests: prints its address, and ends when its input is closed.
import { LLMock } from '@copilotkit/aimock';

const usage = { prompt_tokens: 11, completion_tokens: 7, input_tokens: 11, output_tokens: 7 };
const mock = new LLMock({ host: '127.0.0.1', port: 0, chunkSize: 6, logLevel: 'silent' });

mock.on({ userMessage: 'Say hello' }, { content: 'Grüße — hello from the mock 🦉', usage });
mock.on({ userMessage: 'In JSON' }, { content: '{"city":"Paris","celsius":21}', usage });
mock.on({ userMessage: 'What weather', hasToolResult: true }, { content: 'It is 21 degrees.', usage });
mock.on({ userMessage: 'What weather' }, {
  toolCalls: [{ name: 'get_weather', arguments: '{"city":"Paris","unit":"c"}' }],
  usage,
});
mock.on({ userMessage: 'What colour' }, { content: 'Red.', usage });
mock.onEmbedding(/.*/, { embedding: [0.5, -0.25, 0.125] });

// What a provider can do wrong, by what it is asked.
const whole = { content: 'This answer is long enough to be cut in its middle.', usage };
mock.on({ userMessage: 'chaos drop' }, whole, { chaos: { dropRate: 1 } });
mock.on({ userMessage: 'chaos malformed' }, whole, { chaos: { malformedRate: 1 } });
mock.on({ userMessage: 'chaos limit' }, whole, { chaos: { rateLimitRate: 1 } });
mock.on({ userMessage: 'chaos disconnect' }, whole, { chaos: { disconnectRate: 1 } });
mock.on({ userMessage: 'chaos cut' }, whole, { latency: 20, truncateAfterChunks: 4 });
mock.on({ userMessage: 'chaos refuse' }, { error: { message: 'Not like this', type: 'invalid_request_error', code: 'bad' }, status: 400 });
mock.on({ userMessage: 'chaos overload' }, { error: { message: 'Overloaded', type: 'overloaded_error' }, status: 529 });

await mock.start();
console.log(mock.url);
process.stdin.resume();
process.stdin.on('end', () => mock.stop().then(() => process.exit(0)));
