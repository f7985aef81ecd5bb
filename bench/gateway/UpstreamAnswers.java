import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** The answers of the provider, made once and sent again and again. */
final class UpstreamAnswers {

  private static final String TEXT = "Sunlight meets air, and air scatters blue far more than red.";
  private static final String BEFORE =
      "{\"id\":\"chatcmpl-bench0000000000000000000000\",\"object\":\"chat.completion\",\"created\":1700000000,"
          + "\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"";
  private static final String AFTER =
      "\",\"refusal\":null},\"logprobs\":null,"
          + "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":42,\"completion_tokens\":13,\"total_tokens\":55},"
          + "\"system_fingerprint\":\"fp_bench\"}";

  private final Map<Integer, ByteBuffer> answers = new HashMap<>();
  private final ByteBuffer usual = direct(whole("200 OK", BEFORE + TEXT + AFTER));
  private final ByteBuffer models =
      direct(
          whole(
              "200 OK",
              "{\"object\":\"list\",\"data\":[{\"id\":\"gpt-4o-mini\",\"object\":\"model\",\"created\":1700000000,\"owned_by\":\"bench\"}]}"));
  private final ByteBuffer unknown =
      direct(
          whole(
              "404 Not Found",
              "{\"error\":{\"message\":\"No such"
                  + " address\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":null}}"));
  private final ByteBuffer refusal =
      direct(
          whole(
              "401 Unauthorized",
              "{\"error\":{\"message\":\"Wrong"
                  + " key\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"invalid_api_key\"}}"));

  /**
   * A {@code chat.completion}.
   *
   * @param size of its text in bytes, at least; 0 for the usual one
   */
  ByteBuffer completion(int size) {
    if (size == 0) {
      return usual.duplicate();
    }
    return answers
        .computeIfAbsent(
            size,
            s ->
                direct(
                    whole(
                        "200 OK",
                        BEFORE + (TEXT + " ").repeat(s / (TEXT.length() + 1) + 1) + AFTER)))
        .duplicate();
  }

  ByteBuffer models() {
    return models.duplicate();
  }

  ByteBuffer unknown() {
    return unknown.duplicate();
  }

  ByteBuffer refusal() {
    return refusal.duplicate();
  }

  static byte[] whole(String status, String json) {
    return Bytes.ascii(
        "HTTP/1.1 "
            + status
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + json.length()
            + "\r\nx-request-id: req_bench\r\n\r\n"
            + json);
  }

  private static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }
}
