// How each agent is told where the model is, and started without a person. Everything that it writes is in a home of its own; what it
// would tell or ask its maker is switched off.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const put = (home, path, value) => {
  mkdirSync(join(home, path, '..'), { recursive: true });
  writeFileSync(join(home, path), typeof value === 'string' ? value : JSON.stringify(value, null, 2));
};

/** The program of a package of npm, without its install script: that only moves it to another place. */
const program = (npm, ...path) => join(npm, 'node_modules', ...path);
const platform = `${process.platform}-${process.arch}`;

const opencode = (npm, model) => (adapter, options) => ({ home, key }) => {
  put(home, '.config/opencode/opencode.json', {
    autoupdate: false, share: 'disabled', model: `bench/${model.main}`, small_model: `bench/${model.small}`, permission: 'allow',
    provider: { bench: { npm: adapter, name: 'Bench', options: { ...options, apiKey: key || 'none' },
      models: Object.fromEntries([model.main, model.small].map((id) => [id, { name: id, tool_call: true, reasoning: true, attachment: true, options: { reasoningEffort: 'medium' },
        modalities: { input: ['text', 'image'], output: ['text'] }, limit: { context: 200000, output: 16000 } }])) } },
  });
  return { command: [program(npm, `opencode-${platform}`, 'bin', 'opencode'), 'run', '--pure', '--auto', '--title', 'bench'], env: {
    OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_SHARE: '1', OPENCODE_DISABLE_DEFAULT_PLUGINS: '1', OPENCODE_DISABLE_CLAUDE_CODE: '1' } };
};

const pi = (api, suffix) => ({ npm, node, home, url, key, model }) => {
  put(home, '.pi/agent/models.json', { providers: { bench: { baseUrl: `${url}${suffix}`, api, apiKey: key || 'none',
    models: [{ id: model.main, reasoning: true, input: ['text', 'image'], contextWindow: 200000, maxTokens: 16000 }] } } });
  put(home, '.pi/agent/settings.json', { enableInstallTelemetry: false });
  return { command: [node, program(npm, '@earendil-works/pi-coding-agent', 'dist', 'bundle', 'cli.js'), '-p', '--provider', 'bench', '--model', model.main, '--thinking', 'medium'],
    env: { PI_OFFLINE: '1', PI_SKIP_VERSION_CHECK: '1', PI_TELEMETRY: '0' } };
};

const continueCli = (provider, suffix) => ({ npm, node, home, url, key, model }) => {
  put(home, '.continue/config.yaml', `name: bench
version: 1.0.0
schema: v1
models:
  - name: bench
    provider: ${provider}
    model: ${JSON.stringify(model.main)}
    apiBase: ${url}${suffix}
    apiKey: ${key || 'none'}
    roles: [chat, edit, apply]
    capabilities: [tool_use, image_input]
    defaultCompletionOptions:
      contextLength: 200000
      maxTokens: 16000
`);
  return { command: [node, program(npm, '@continuedev/cli', 'dist', 'cn.js'), '-p', '--auto', '--config', join(home, '.continue/config.yaml')],
    env: { CONTINUE_CLI_ENABLE_TELEMETRY: '0', CONTINUE_METRICS_ENABLED: '0', CONTINUE_CLI_AUTO_UPDATED: '1', CONTINUE_GLOBAL_DIR: join(home, '.continue') } };
};

/**
 * The agents. "speaks" is the protocol of its calls, by which the direct run is judged; "start" writes its settings and gives
 * {command, env}; the prompt is the last argument.
 */
export const AGENTS = {
  'claude-code': { speaks: 'messages', start: ({ npm, home, url, key, model }) => {
    put(home, '.claude.json', { hasCompletedOnboarding: true, bypassPermissionsModeAccepted: true });
    return { command: [program(npm, '@anthropic-ai', `claude-code-${platform}`, 'claude'), '--dangerously-skip-permissions', '--output-format', 'json', '--model', model.main, '-p'],
      env: { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: key, ANTHROPIC_DEFAULT_HAIKU_MODEL: model.small, ANTHROPIC_DEFAULT_SONNET_MODEL: model.main, ANTHROPIC_DEFAULT_OPUS_MODEL: model.main,
        IS_SANDBOX: '1', DISABLE_AUTOUPDATER: '1', DISABLE_TELEMETRY: '1', DISABLE_ERROR_REPORTING: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' } };
  } },
  codex: { speaks: 'responses', start: ({ npm, home, url, key, model }) => {
    put(home, '.codex/config.toml', `model = ${JSON.stringify(model.main)}
model_provider = "bench"
check_for_update_on_startup = false
model_reasoning_effort = "medium"
model_reasoning_summary = "auto"
model_supports_reasoning_summaries = true
[model_providers.bench]
name = "bench"
base_url = "${url}/v1"
env_key = "BENCH_KEY"
wire_api = "responses"
request_max_retries = 1
stream_max_retries = 1
[analytics]
enabled = false
[otel]
exporter = "none"
`);
    return { command: [program(npm, '@openai', `codex-${platform}`, 'vendor', codexTriple(), 'bin', 'codex'), 'exec', '--dangerously-bypass-approvals-and-sandbox', '--skip-git-repo-check'], env: { BENCH_KEY: key } };
  } },
  opencode: { speaks: 'chat', start: (place) => opencode(place.npm, place.model)('@ai-sdk/openai-compatible', { baseURL: `${place.url}/v1` })(place) },
  'qwen-code': { speaks: 'chat', start: ({ npm, node, home, url, key, model }) => {
    put(home, '.qwen/settings.json', { privacy: { usageStatisticsEnabled: false }, telemetry: { enabled: false }, general: { disableAutoUpdate: true, enableAutoUpdate: false, disableUpdateNag: true }, security: { auth: { selectedType: 'openai' } } });
    return { command: [node, program(npm, '@qwen-code/qwen-code', 'cli-entry.js'), '--yolo', '--auth-type', 'openai', '-m', model.main, '-p'],
      env: { OPENAI_API_KEY: key || 'none', OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: model.main, QWEN_CODE_SKIP_UPDATE_CHECK_ONCE: '1', QWEN_SANDBOX: 'false' } };
  } },
  pi: { speaks: 'chat', start: pi('openai-completions', '/v1') },
  continue: { speaks: 'chat', start: continueCli('openai', '/v1') },
  // The same agents by their other protocols.
  'opencode-responses': { speaks: 'responses', start: (place) => opencode(place.npm, place.model)('@ai-sdk/openai', { baseURL: `${place.url}/v1` })(place) },
  'opencode-messages': { speaks: 'messages', start: (place) => opencode(place.npm, place.model)('@ai-sdk/anthropic', { baseURL: `${place.url}/v1` })(place) },
  'pi-responses': { speaks: 'responses', start: pi('openai-responses', '/v1') },
  'pi-messages': { speaks: 'messages', start: pi('anthropic-messages', '') },
  'continue-messages': { speaks: 'messages', start: continueCli('anthropic', '/v1/') },
  'continue-ollama': { speaks: 'ollama', start: continueCli('ollama', '') },
};

/** The six whose rows are the table. */
export const MAIN = ['claude-code', 'codex', 'opencode', 'qwen-code', 'pi', 'continue'];

/** The protocols that each target has at its own door. */
export const SPOKEN = { openai: ['chat', 'responses'], anthropic: ['messages'], ollama: ['chat', 'ollama'], custom: ['chat'] };

function codexTriple() {
  const machine = { x64: 'x86_64', arm64: 'aarch64' }[process.arch];
  return process.platform === 'darwin' ? `${machine}-apple-darwin` : `${machine}-unknown-linux-musl`;
}
