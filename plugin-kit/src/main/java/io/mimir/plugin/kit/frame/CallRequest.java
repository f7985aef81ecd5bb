package io.mimir.plugin.kit.frame;

import java.nio.charset.StandardCharsets;

/**
 * The payload of CALL.
 *
 * @param action as the manifest names it
 * @param input what the action gets, by convention UTF-8 JSON
 */
public record CallRequest(String action, byte[] input) {

  public byte[] toPayload() {
    return Fields.pack(action.getBytes(StandardCharsets.UTF_8), input);
  }

  /**
   * @throws FrameException when the payload is none
   */
  public static CallRequest of(byte[] payload) throws FrameException {
    Fields fields = new Fields(payload);
    CallRequest request = new CallRequest(fields.text(), fields.bytes());
    fields.end();
    return request;
  }

  @Override
  public String toString() {
    return "CallRequest[" + action + ", " + input.length + " bytes]";
  }
}
