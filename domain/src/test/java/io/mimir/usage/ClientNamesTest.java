package io.mimir.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientNamesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "claude-cli/2.1.205 (external, cli) | claude-cli",
        "claude-cli/2.1.223 (external, sdk-py, agent-sdk/0.2.131) | claude-cli",
        "claude-code/2.1.295 | claude-cli",
        "codex_cli_rs/0.76.0 (Debian 13.0.0; x86_64) WindowsTerminal | codex",
        "codex_exec/0.151.0 (Windows 10.0.26100; x86_64) xterm (codex_exec; 0.151.0) | codex",
        "codex_vscode/0.60.1 (Mac OS 15.1.0; arm64) vscode/1.105.1 | codex",
        "opencode/1.18.26 ai-sdk/provider-utils/4.0.46 runtime/bun/1.3.14 | opencode",
        "QwenCode/0.15.11 (linux; x64) | qwen-code",
        "GeminiCLI/0.49.0/gemini-2.5-pro (linux; x64; terminal) | gemini-cli",
        "GeminiCLI-tui/0.49.0/anthropic/x/y:free (win32; x64; terminal) | gemini-cli",
        "Charm-Crush/v0.92.0 (https://charm.land/crush) | crush",
        "factory-cli/0.210.0 | droid",
        "kimi-code-cli/1.2.3 (web) | kimi-code",
        "GitHubCopilotChat/0.26.7 | copilot",
        "Cline/3.2.1 | cline",
        "RooCode/3.25.0 | roo-code",
        "Kilo-Code/4.90.0 | kilo-code",
        "aider/0.86.1 | aider",
        "continue/1.0.0 | continue",
        "Zed/0.200.0 (linux; x86_64) | zed",
        "pi/0.70.0 (linux; x64) | pi",
        "langchainjs-openai/1.0.0 (node/v22.1.0; linux; x64) | langchain",
        "langchain-anthropic/1.0.1 | langchain",
        "LangChain4j-openai | langchain4j",
        "litellm/1.77.0 | litellm",
        "spring-ai | spring-ai",
        "ai-sdk/openai-compatible/2.0.47 ai-sdk/provider-utils/4.0.27 runtime/node.js/24 | ai-sdk",
        "ai/5.0.216 ai-sdk/openai/2.0.1 ai-sdk/provider-utils/3.0.30 | ai-sdk",
        "Agents/Python 0.3.3 | openai-agents",
        "Agents/JavaScript 0.3.3 | openai-agents",
        "OpenAI/Python 2.20.0 | openai-python",
        "AsyncOpenAI/Python 2.20.0 | openai-python",
        "AsyncAzureOpenAI/Python 3.14.1 | openai-python",
        "OpenAI/JS 6.1.0 | openai-node",
        "AzureOpenAI/JS 6.1.0 | openai-node",
        "OpenAI/Java 4.101.0 | openai-java",
        "OpenAIClientImpl/Java 4.101.0 | openai-java",
        "OpenAI/Go 1.2.3 | openai-go",
        "OpenAI/2.1.0 (.NET 9.0.0; Linux) | openai-dotnet",
        "Anthropic/Python 0.107.1 | anthropic-python",
        "AsyncAnthropic/Python 1.6.0 | anthropic-python",
        "AsyncAnthropicBedrockMantle/Python 1.6.0 | anthropic-python",
        "Anthropic/JS 0.60.0 | anthropic-node",
        "AnthropicClientImpl/Java 3.12.0 | anthropic-java",
        "Anthropic/Go 1.0.0 | anthropic-go",
        "ollama-js/0.6.0 (x64 linux Node.js/v22.1.0) | ollama",
        "ollama-python/0.6.1 (x86_64 linux) Python/3.12.3 | ollama",
        "ollama/0.12.0 (amd64 linux) Go/go1.25.0 | ollama",
        "curl/8.7.1 | curl",
        "PostmanRuntime/7.43.0 | http-tool",
        "HTTPie/3.2.4 | http-tool",
        "Wget/1.21.3 | http-tool",
        "python-requests/2.32.0 | python",
        "python-httpx/0.28.1 | python",
        "Python/3.12 aiohttp/3.11.2 | python",
        "Python-urllib/3.13 | python",
        "node | node",
        "undici | node",
        "axios/1.7.9 | node",
        "node-fetch/1.0 (+https://github.com/bitinn/node-fetch) | node",
        "Bun/1.4.3 | node",
        "okhttp/4.12.0 | java",
        "Java-http-client/17.0.15 | java",
        "Apache-HttpClient/5.6 (Java/17.0.15) | java",
        "Go-http-client/1.1 | go",
        "reqwest/0.12.9 | rust",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 | browser",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Code/1.105.1"
            + " Chrome/138.0.7204.251 Electron/37.6.0 Safari/537.36 | browser"
      })
  void realUserAgentsHaveTheirNames(String userAgent, String name) {
    assertThat(ClientNames.of(userAgent)).isEqualTo(name);
    assertThat(ClientNames.of("  " + userAgent.toUpperCase(Locale.ROOT)))
        .as("upper case")
        .isEqualTo(name);
    assertThat(ClientNames.ALL).contains(name);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "   ",
        "Dmi/JS 0.94.0",
        "something-nobody-has-shipped/1",
        "notcurl/8",
        "my-openai/python",
        "topic/2",
        "Op\u00e9nAI/Python 1",
        "/",
        "\0"
      })
  void whatIsNotKnownIsOther(String userAgent) {
    assertThat(ClientNames.of(userAgent)).isEqualTo(ClientNames.OTHER);
  }

  @Test
  void aLongHeaderIsNotReadToItsEnd() {
    assertThat(ClientNames.of("x".repeat(1_000_000) + " curl/8.7.1")).isEqualTo("other");
  }

  @Test
  void theSetIsClosedAndSmall() {
    assertThat(ClientNames.ALL).contains("other").hasSizeLessThan(64);
    assertThat(ClientNames.ALL).allMatch(name -> name.matches("[a-z0-9-]{1,20}"));
  }
}
